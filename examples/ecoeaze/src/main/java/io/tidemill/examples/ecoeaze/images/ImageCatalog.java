package io.tidemill.examples.ecoeaze.images;

import io.lettuce.core.api.StatefulRedisConnection;
import java.util.Map;

/**
 * What is known of finished images, one hash {@code images:<product>} each, so that pages need not open the files.
 * Thread-safe.
 */
public final class ImageCatalog {

    private final StatefulRedisConnection<String, String> redis;

    /** On this connection. */
    public ImageCatalog(StatefulRedisConnection<String, String> redis) {
        this.redis = redis;
    }

    /** Remembers an image, in place of what was known of that product's. */
    public void put(OptimizedImage image) {
        redis.sync()
                .hset(
                        "images:" + image.productId(),
                        Map.of(
                                "path", image.path(),
                                "width", String.valueOf(image.width()),
                                "height", String.valueOf(image.height()),
                                "bytesBefore", String.valueOf(image.bytesBefore()),
                                "bytesAfter", String.valueOf(image.bytesAfter())));
    }

    /** Remembers how good a product's photo is, in {@code images:quality:<product>}. */
    public void put(ImageQuality quality) {
        redis.sync()
                .hset(
                        "images:quality:" + quality.productId(),
                        Map.of(
                                "score", String.valueOf(quality.score()),
                                "sharpness", String.valueOf(quality.sharpness()),
                                "brightness", String.valueOf(quality.brightness()),
                                "contrast", String.valueOf(quality.contrast()),
                                "suggestions", String.join("\n", quality.suggestions())));
    }

    /** How good a product's photo is; empty if nobody has looked. */
    public Map<String, String> findQuality(String productId) {
        return redis.sync().hgetall("images:quality:" + productId);
    }

    /** What is known of a product's image; empty if nothing. */
    public Map<String, String> find(String productId) {
        return redis.sync().hgetall("images:" + productId);
    }
}
