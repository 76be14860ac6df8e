package io.tidemill.examples.ecoeaze.stock;

import java.util.Map;

/**
 * What a page shows of a product's stock, without asking for more.
 *
 * @param product its id
 * @param stock units left
 * @param soldToday units that went out today
 * @param nextWeek units that will probably be sold in the next seven days
 */
public record StockView(String product, int stock, int soldToday, int nextWeek) {

    /** Whether the next week will probably need more than what is left. */
    public boolean isLow() {
        return stock < nextWeek;
    }

    Map<String, String> toHash() {
        return Map.of(
                "product", product,
                "stock", String.valueOf(stock),
                "soldToday", String.valueOf(soldToday),
                "nextWeek", String.valueOf(nextWeek));
    }

    static StockView of(Map<String, String> hash) {
        return new StockView(
                hash.getOrDefault("product", ""),
                number(hash, "stock"),
                number(hash, "soldToday"),
                number(hash, "nextWeek"));
    }

    private static int number(Map<String, String> hash, String field) {
        return Integer.parseInt(hash.getOrDefault(field, "0"));
    }
}
