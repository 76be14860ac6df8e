package io.tidemill.examples.ecoeaze.farm;

import java.util.List;

/** All farmers. A marketplace would ask its database; three are enough to show the work. */
public final class Farmers {

    private static final List<Farmer> ALL = List.of(
            new Farmer(
                    "f-101",
                    "Hilde Brandt",
                    "Brandt Orchard",
                    "hilde@brandt-orchard.example",
                    List.of(
                            new Product("apples", "Elstar apples, 1 kg", "3.20", "1.60"),
                            new Product("pears", "Williams pears, 1 kg", "3.90", "2.05"),
                            new Product("cider", "Cloudy cider, 1 l", "5.50", "2.40"))),
            new Farmer(
                    "f-102",
                    "Tomás Rivera",
                    "Colmenar Rivera",
                    "tomas@colmenar.example",
                    List.of(
                            new Product("honey", "Rosemary honey, 500 g", "8.75", "4.30"),
                            new Product("candles", "Beeswax candle", "6.40", "2.90"),
                            new Product("pollen", "Pollen, 250 g", "9.90", "5.10"))),
            new Farmer(
                    "f-103",
                    "Aiko Mori",
                    "Mori Market Garden",
                    "aiko@mori-garden.example",
                    List.of(
                            new Product("tomatoes", "Heirloom tomatoes, 1 kg", "4.80", "2.20"),
                            new Product("basil", "Basil, pot", "2.95", "1.15"),
                            new Product("eggs", "Eggs, 10", "4.10", "2.35"),
                            new Product("peppers", "Shishito peppers, 250 g", "3.60", "1.70"))));

    private Farmers() {}

    /** Every farmer. */
    public static List<Farmer> all() {
        return ALL;
    }

    /** Every product of every farmer. */
    public static List<Product> products() {
        return ALL.stream().flatMap(farmer -> farmer.products().stream()).toList();
    }

    /**
     * The farmer who sells a product.
     *
     * @throws IllegalArgumentException if nobody does
     */
    public static Farmer ofProduct(String productId) {
        return ALL.stream()
                .filter(farmer -> farmer.products().stream()
                        .anyMatch(product -> product.id().equals(productId)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("nobody sells '" + productId + "'"));
    }

    /**
     * The product with this id.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Product product(String productId) {
        return ofProduct(productId).products().stream()
                .filter(product -> product.id().equals(productId))
                .findFirst()
                .orElseThrow();
    }

    /**
     * The farmer with this id.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Farmer find(String id) {
        return ALL.stream()
                .filter(farmer -> farmer.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no farmer has the id '" + id + "'"));
    }
}
