package io.tidemill.examples.fashiondeck.catalog;

/**
 * A product as a marketplace describes it.
 *
 * @param id unique over all marketplaces
 * @param marketplace its name
 * @param category such as {@code dresses}
 * @param title such as {@code Floral linen midi dress}
 * @param color such as {@code sage green}
 * @param cents the price
 */
public record Product(String id, String marketplace, String category, String title, String color, long cents) {

    /** What its vector is computed from. */
    public String text() {
        return String.join(" ", title, color, category).strip();
    }
}
