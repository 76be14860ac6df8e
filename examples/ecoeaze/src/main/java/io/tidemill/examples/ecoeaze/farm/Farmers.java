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
                            new Product("Elstar apples, 1 kg", "3.20"),
                            new Product("Williams pears, 1 kg", "3.90"),
                            new Product("Cloudy cider, 1 l", "5.50"))),
            new Farmer(
                    "f-102",
                    "Tomás Rivera",
                    "Colmenar Rivera",
                    "tomas@colmenar.example",
                    List.of(
                            new Product("Rosemary honey, 500 g", "8.75"),
                            new Product("Beeswax candle", "6.40"),
                            new Product("Pollen, 250 g", "9.90"))),
            new Farmer(
                    "f-103",
                    "Aiko Mori",
                    "Mori Market Garden",
                    "aiko@mori-garden.example",
                    List.of(
                            new Product("Heirloom tomatoes, 1 kg", "4.80"),
                            new Product("Basil, pot", "2.95"),
                            new Product("Eggs, 10", "4.10"),
                            new Product("Shishito peppers, 250 g", "3.60"))));

    private Farmers() {}

    /** Every farmer. */
    public static List<Farmer> all() {
        return ALL;
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
