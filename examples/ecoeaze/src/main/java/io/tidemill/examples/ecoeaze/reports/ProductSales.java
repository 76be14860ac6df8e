package io.tidemill.examples.ecoeaze.reports;

import java.math.BigDecimal;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one product brought in.
 *
 * @param product which
 * @param orders how many orders
 * @param quantity how many units
 * @param revenue in euros
 */
public record ProductSales(String product, int orders, int quantity, BigDecimal revenue) {

    /** Sums up orders by product, best seller first. */
    public static List<ProductSales> of(List<Order> orders) {
        Map<String, ProductSales> byProduct = new LinkedHashMap<>();
        for (Order order : orders) {
            ProductSales one = new ProductSales(order.product(), 1, order.quantity(), order.amount());
            byProduct.merge(order.product(), one, ProductSales::plus);
        }
        return byProduct.values().stream()
                .sorted(Comparator.comparing(ProductSales::revenue).reversed())
                .toList();
    }

    /** Sums up everything. */
    public static ProductSales total(List<Order> orders) {
        return of(orders).stream().reduce(new ProductSales("Total", 0, 0, BigDecimal.ZERO), ProductSales::plus);
    }

    private ProductSales plus(ProductSales other) {
        return new ProductSales(product, orders + other.orders, quantity + other.quantity, revenue.add(other.revenue));
    }
}
