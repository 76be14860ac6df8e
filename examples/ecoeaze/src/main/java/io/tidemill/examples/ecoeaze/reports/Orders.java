package io.tidemill.examples.ecoeaze.reports;

import io.tidemill.examples.ecoeaze.farm.Farmer;
import io.tidemill.examples.ecoeaze.farm.Product;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Orders as they might have been: the same farmer and month always give the same ones. */
public final class Orders {

    private Orders() {}

    /** What a farmer sold in a month, by date: 40 to 79 orders. */
    public static List<Order> of(Farmer farmer, YearMonth month) {
        SplittableRandom random = new SplittableRandom(
                31L * farmer.id().hashCode() + month.toString().hashCode());
        return IntStream.range(0, random.nextInt(40, 80))
                .mapToObj(i -> order(farmer, month, i, random))
                .sorted(Comparator.comparing(Order::date).thenComparing(Order::id))
                .toList();
    }

    /** What a farmer sold from this day to that one, both included, by date. */
    public static List<Order> between(Farmer farmer, LocalDate from, LocalDate to) {
        return Stream.iterate(
                        YearMonth.from(from), month -> !month.isAfter(YearMonth.from(to)), month -> month.plusMonths(1))
                .flatMap(month -> of(farmer, month).stream())
                .filter(order -> !order.date().isBefore(from) && !order.date().isAfter(to))
                .toList();
    }

    private static Order order(Farmer farmer, YearMonth month, int number, SplittableRandom random) {
        Product product = farmer.products().get(random.nextInt(farmer.products().size()));
        return new Order(
                "%s-%s-%03d".formatted(farmer.id(), month, number + 1),
                month.atDay(random.nextInt(1, month.lengthOfMonth() + 1)),
                product.name(),
                random.nextInt(1, 13),
                product.price());
    }
}
