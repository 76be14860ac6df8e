package io.tidemill.examples.ecoeaze.stock;

import io.lettuce.core.Range;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.OptionalInt;

/**
 * How much is left of each product, in the hash {@code inventory:stock}, and every change of the last 400 days, in a
 * sorted set {@code inventory:movements:<product>} by time. A change is made once per reference, however often it is
 * asked for within a week, and no stock is ever below zero. Thread-safe.
 */
public final class Inventory {

    private static final String STOCK = "inventory:stock";
    private static final Duration REMEMBERED = Duration.ofDays(7);
    private static final Duration KEPT = Duration.ofDays(400);

    /**
     * Whoever was frozen while holding the lock may have lost it: the token is compared in the same step as the change
     * is made. Answers what is left, or -1: less than that is there, -2: the lock is lost.
     */
    private static final String CHANGE = """
        local left = tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or '0')
        if redis.call('EXISTS', KEYS[4]) == 1 then
          return left
        end
        if redis.call('GET', KEYS[2]) ~= ARGV[2] then
          return -2
        end
        local delta = tonumber(ARGV[3])
        if left + delta < 0 then
          return -1
        end
        redis.call('SET', KEYS[4], ARGV[3], 'PX', ARGV[6])
        redis.call('HINCRBY', KEYS[1], ARGV[1], delta)
        redis.call('ZADD', KEYS[3], ARGV[5], ARGV[4] .. ' ' .. ARGV[3])
        redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', '(' .. ARGV[7])
        return left + delta
        """;

    private final StatefulRedisConnection<String, String> redis;
    private final InventoryLock locks;

    /** On this connection. */
    public Inventory(StatefulRedisConnection<String, String> redis) {
        this.redis = redis;
        this.locks = new InventoryLock(redis);
    }

    /** Takes the lock of a product. */
    public InventoryLock.Held lock(String product) throws StockBusyException, InterruptedException {
        return locks.acquire(product);
    }

    /** What is left of a product. */
    public int stock(String product) {
        String stock = redis.sync().hget(STOCK, product);
        return stock == null ? 0 : Integer.parseInt(stock);
    }

    /**
     * Changes the stock of a product under its lock.
     *
     * @param delta units that come in; negative for units that go out
     * @param reference names the change: an order, a delivery
     * @return what is left; empty, and nothing is changed, if there is less than that
     */
    public OptionalInt change(String product, int delta, String reference, Instant at)
            throws StockBusyException, InterruptedException {
        try (InventoryLock.Held lock = lock(product)) {
            return change(lock, delta, reference, at);
        }
    }

    /**
     * The same under a lock that is held already.
     *
     * @throws StockBusyException if the lock has ended; nothing is changed
     */
    public OptionalInt change(InventoryLock.Held lock, int delta, String reference, Instant at)
            throws StockBusyException {
        String product = lock.product();
        String[] keys = {STOCK, InventoryLock.key(product), movementsKey(product), changeKey(product, reference)};
        Long left = redis.sync()
                .eval(
                        CHANGE,
                        ScriptOutputType.INTEGER,
                        keys,
                        product,
                        lock.token(),
                        String.valueOf(delta),
                        reference,
                        String.valueOf(at.toEpochMilli()),
                        String.valueOf(REMEMBERED.toMillis()),
                        String.valueOf(at.minus(KEPT).toEpochMilli()));
        if (left == -2) {
            throw new StockBusyException("the lock on '" + product + "' ended before its stock was changed");
        }
        return left < 0 ? OptionalInt.empty() : OptionalInt.of(Math.toIntExact(left));
    }

    /** By how much a change of this reference has changed the stock; empty if it has not been made. */
    public OptionalInt find(String product, String reference) {
        String delta = redis.sync().get(changeKey(product, reference));
        return delta == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(delta));
    }

    /** Changes of a product from this day to that one, both included, oldest first. Days are those of UTC. */
    public List<Movement> movements(String product, LocalDate from, LocalDate to) {
        Range<Long> range = Range.from(
                Range.Boundary.including(Movement.start(from)),
                Range.Boundary.excluding(Movement.start(to.plusDays(1))));
        return redis.sync().zrangebyscoreWithScores(movementsKey(product), range).stream()
                .map(entry -> Movement.parse(product, entry.getValue(), (long) entry.getScore()))
                .toList();
    }

    /** How many units of a product went out on each day from this one to that one, both included. */
    public double[] sales(String product, LocalDate from, LocalDate to) {
        double[] sold = new double[Math.toIntExact(to.toEpochDay() - from.toEpochDay()) + 1];
        for (Movement movement : movements(product, from, to)) {
            if (movement.delta() < 0) {
                sold[Math.toIntExact(movement.day().toEpochDay() - from.toEpochDay())] -= movement.delta();
            }
        }
        return sold;
    }

    private static String movementsKey(String product) {
        return "inventory:movements:" + product;
    }

    private static String changeKey(String product, String reference) {
        return "inventory:change:" + product + ":" + reference;
    }
}
