package io.tidemill.examples.fashiondeck.demo;

import io.tidemill.examples.fashiondeck.catalog.Product;
import io.tidemill.examples.fashiondeck.refresh.Marketplace;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the marketplaces of the demo sell: the same products at every start. */
public final class SampleProducts {

    /** How many products each category has, but for the one of {@link #BLANK}. */
    public static final int PER_CATEGORY = 24;

    /** A product whose seller wrote nothing about it: the last bag of the first marketplace. */
    public static final String BLANK = "amazon-bags-blank";

    private static final int BEST_SELLERS = 3;

    private static final Map<String, List<String>> NOUNS = Map.of(
            "dresses", List.of("midi dress", "maxi dress", "wrap dress"),
            "jackets", List.of("rain jacket", "bomber jacket", "trucker jacket"),
            "shoes", List.of("sneakers", "ankle boots", "sandals"),
            "bags", List.of("tote bag", "backpack", "crossbody bag"));

    private static final List<String> STYLES =
            List.of("Floral", "Plain", "Striped", "Quilted", "Hiking", "Prairie", "Embroidered", "Oversized");
    private static final List<String> FABRICS = List.of("linen", "denim", "corduroy", "nylon", "leather", "cotton");
    private static final List<String> COLORS = List.of("sage green", "black", "white", "brown", "navy blue");

    private SampleProducts() {}

    /** The products of a category; {@code top} has the best sellers of each. Empty if there is no such category. */
    public static List<Product> of(String marketplace, String category) {
        if (category.equals("top")) {
            return Marketplace.CATEGORIES.stream()
                    .flatMap(each -> of(marketplace, each).stream().limit(BEST_SELLERS))
                    .toList();
        }
        List<String> nouns = NOUNS.getOrDefault(category, List.of());
        List<Product> products = new ArrayList<>();
        for (int i = 0; i < PER_CATEGORY && !nouns.isEmpty(); i++) {
            products.add(product(marketplace, category, nouns.get(i % nouns.size()), i));
        }
        if (marketplace.equals("amazon") && category.equals("bags")) {
            products.add(new Product(BLANK, marketplace, "", "", "", 0));
        }
        return products;
    }

    private static Product product(String marketplace, String category, String noun, int number) {
        int mixed = number * 7 + marketplace.length();
        String title = STYLES.get(number % STYLES.size()) + " " + FABRICS.get(mixed % FABRICS.size()) + " " + noun;
        long cents = 1_900 + mixed % 60 * 150L;
        return new Product(
                marketplace + "-" + category + "-" + number,
                marketplace,
                category,
                title,
                COLORS.get(mixed % COLORS.size()),
                cents);
    }
}
