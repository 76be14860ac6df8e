package io.tidemill.examples.ecoeaze.stock;

import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Views of the stock for pages, one hash {@code inventory:cache:<product>} each, kept for an hour; the ids of products
 * whose view has changed are published on {@code inventory:updates}. Thread-safe.
 */
public final class InventoryCache {

    /** Where the ids of products are published whose view has changed. */
    public static final String CHANNEL = "inventory:updates";

    private static final Duration KEPT = Duration.ofHours(1);

    private final StatefulRedisConnection<String, String> redis;

    /** On this connection. */
    public InventoryCache(StatefulRedisConnection<String, String> redis) {
        this.redis = redis;
    }

    /** Keeps a view, in place of the one before. */
    public void put(StockView view) {
        redis.sync().hset(key(view.product()), view.toHash());
        redis.sync().pexpire(key(view.product()), KEPT);
        redis.sync().publish(CHANNEL, view.product());
    }

    /** The view of a product; empty if none was made within an hour. */
    public Optional<StockView> find(String product) {
        Map<String, String> hash = redis.sync().hgetall(key(product));
        return hash.isEmpty() ? Optional.empty() : Optional.of(StockView.of(hash));
    }

    private static String key(String product) {
        return "inventory:cache:" + product;
    }
}
