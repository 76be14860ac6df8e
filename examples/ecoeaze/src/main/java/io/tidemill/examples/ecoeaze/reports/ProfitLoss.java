package io.tidemill.examples.ecoeaze.reports;

import io.tidemill.examples.ecoeaze.farm.Farmer;
import io.tidemill.examples.ecoeaze.farm.Product;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;

/**
 * What a farm earned with a product, in euros.
 *
 * @param product its name
 * @param revenue what customers paid
 * @param goods what the units sold had cost the farm
 * @param commission what the marketplace keeps
 */
public record ProfitLoss(String product, BigDecimal revenue, BigDecimal goods, BigDecimal commission) {

    /** The share of the revenue that the marketplace keeps. */
    public static final BigDecimal COMMISSION = new BigDecimal("0.08");

    /** One line per product that the farmer sells, in the farmer's order. */
    static List<ProfitLoss> of(Farmer farmer, List<Order> orders) {
        return farmer.products().stream().map(product -> of(product, orders)).toList();
    }

    private static ProfitLoss of(Product product, List<Order> orders) {
        ProductSales sales = ProductSales.total(orders.stream()
                .filter(order -> order.product().equals(product.name()))
                .toList());
        return new ProfitLoss(
                product.name(),
                sales.revenue(),
                product.cost().multiply(BigDecimal.valueOf(sales.quantity())),
                sales.revenue().multiply(COMMISSION).setScale(2, RoundingMode.HALF_UP));
    }

    static ProfitLoss total(List<ProfitLoss> products) {
        return products.stream()
                .reduce(
                        new ProfitLoss("Total", BigDecimal.ZERO, BigDecimal.ZERO, BigDecimal.ZERO),
                        (a, b) -> new ProfitLoss(
                                a.product,
                                a.revenue.add(b.revenue),
                                a.goods.add(b.goods),
                                a.commission.add(b.commission)));
    }

    /** Goods and commission. */
    public BigDecimal costs() {
        return goods.add(commission);
    }

    /** What is left for the farm; negative for a loss. */
    public BigDecimal profit() {
        return revenue.subtract(costs());
    }

    /** The profit as a percentage of the revenue; 0 without revenue. */
    public double margin() {
        return revenue.signum() == 0 ? 0 : 100 * profit().doubleValue() / revenue.doubleValue();
    }
}
