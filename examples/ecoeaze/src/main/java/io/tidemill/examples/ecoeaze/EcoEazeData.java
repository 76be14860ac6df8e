package io.tidemill.examples.ecoeaze;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.tidemill.examples.ecoeaze.behavior.Behavior;
import io.tidemill.examples.ecoeaze.campaigns.Campaigns;
import io.tidemill.examples.ecoeaze.dashboard.Dashboard;
import io.tidemill.examples.ecoeaze.fraud.OrderHistory;
import io.tidemill.examples.ecoeaze.images.ImageCatalog;
import io.tidemill.examples.ecoeaze.notifications.Notifications;
import io.tidemill.examples.ecoeaze.recommendations.Purchases;
import io.tidemill.examples.ecoeaze.reports.ReportCache;
import io.tidemill.examples.ecoeaze.stock.Inventory;
import io.tidemill.examples.ecoeaze.stock.InventoryCache;

/**
 * The data of the application, which its tasks write and its pages read, each in its own database: one connection per
 * database. Thread-safe.
 */
public final class EcoEazeData implements AutoCloseable {

    private final RedisClient redis = RedisClient.create();
    private final StatefulRedisConnection<String, String> notifications;
    private final StatefulRedisConnection<String, String> analytics;
    private final StatefulRedisConnection<String, String> inventory;
    private final StatefulRedisConnection<String, String> images;

    /** Connects. */
    public EcoEazeData(Settings settings) {
        try {
            notifications = open(settings, RedisDb.NOTIFICATIONS);
            analytics = open(settings, RedisDb.ANALYTICS);
            inventory = open(settings, RedisDb.INVENTORY);
            images = open(settings, RedisDb.IMAGES);
        } catch (RuntimeException e) {
            redis.shutdown();
            throw e;
        }
    }

    private StatefulRedisConnection<String, String> open(Settings settings, RedisDb db) {
        return redis.connect(RedisURI.create(settings.redis(db)));
    }

    /** What users were notified of. */
    public Notifications notifications() {
        return new Notifications(notifications);
    }

    /** What users do. */
    public Behavior behavior() {
        return new Behavior(analytics);
    }

    /** Who bought what. */
    public Purchases purchases() {
        return new Purchases(analytics);
    }

    /** What is needed to judge orders. */
    public OrderHistory orders() {
        return new OrderHistory(analytics);
    }

    /** What came of campaigns. */
    public Campaigns campaigns() {
        return new Campaigns(analytics);
    }

    /** Reports that were written lately. */
    public ReportCache reports() {
        return new ReportCache(analytics);
    }

    /** The live figures. */
    public Dashboard dashboard() {
        return new Dashboard(analytics);
    }

    /** What is in stock. */
    public Inventory inventory() {
        return new Inventory(inventory);
    }

    /** What pages show of it. */
    public InventoryCache inventoryCache() {
        return new InventoryCache(inventory);
    }

    /** What is known of finished images. */
    public ImageCatalog images() {
        return new ImageCatalog(images);
    }

    /** Closes every connection. */
    @Override
    public void close() {
        redis.shutdown();
    }
}
