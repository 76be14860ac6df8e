package io.tidemill.examples.ecoeaze.fraud;

import io.lettuce.core.Range;
import io.lettuce.core.api.StatefulRedisConnection;
import io.tidemill.examples.ecoeaze.farm.CustomerOrder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What is needed of past orders to judge a new one, for 90 days: each customer's orders by time in the sorted set
 * {@code fraud:orders:<customer>}, and the customers who paid with a card in the set {@code fraud:card:<fingerprint>}.
 * Thread-safe.
 */
public final class OrderHistory {

    private static final Duration KEPT = Duration.ofDays(90);

    private final StatefulRedisConnection<String, String> redis;

    /** On this connection. */
    public OrderHistory(StatefulRedisConnection<String, String> redis) {
        this.redis = redis;
    }

    /**
     * An order of the past.
     *
     * @param amount in euros
     */
    record Past(String id, double amount, Instant at) {

        static Past parse(String text, double millis) {
            int space = text.lastIndexOf(' ');
            return new Past(
                    text.substring(0, space), Double.parseDouble(text.substring(space + 1)), Instant.ofEpochMilli((long)
                            millis));
        }
    }

    /** Adds an order. To add it again changes nothing. */
    void add(CustomerOrder order) {
        String orders = ordersKey(order.customer().id());
        String card = cardKey(order);
        Range<Long> old = Range.from(
                Range.Boundary.unbounded(),
                Range.Boundary.excluding(order.placedAt().minus(KEPT).toEpochMilli()));
        redis.sync().zadd(orders, (double) order.placedAt().toEpochMilli(), order.id() + " " + order.amount());
        redis.sync().zremrangebyscore(orders, old);
        redis.sync().pexpire(orders, KEPT);
        redis.sync().sadd(card, order.customer().id());
        redis.sync().pexpire(card, KEPT);
    }

    /** The customer's orders before this one, oldest first. */
    List<Past> before(CustomerOrder order) {
        Range<Long> until = Range.from(
                Range.Boundary.unbounded(),
                Range.Boundary.including(order.placedAt().toEpochMilli()));
        return redis.sync().zrangebyscoreWithScores(ordersKey(order.customer().id()), until).stream()
                .map(entry -> Past.parse(entry.getValue(), entry.getScore()))
                .filter(past -> !past.id().equals(order.id()))
                .toList();
    }

    /** How many customers have paid with the card of this order, this one included. */
    long customersOfCard(CustomerOrder order) {
        return redis.sync().scard(cardKey(order));
    }

    private static String ordersKey(String customer) {
        return "fraud:orders:" + customer;
    }

    private static String cardKey(CustomerOrder order) {
        return "fraud:card:" + order.payment().fingerprint();
    }
}
