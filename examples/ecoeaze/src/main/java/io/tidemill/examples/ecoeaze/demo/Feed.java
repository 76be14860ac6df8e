package io.tidemill.examples.ecoeaze.demo;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Somebody who is connected and receives what is published on a channel. */
public final class Feed implements AutoCloseable {

    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
    private final RedisClient redis;

    private Feed(String redisUrl) {
        this.redis = RedisClient.create(RedisURI.create(redisUrl));
    }

    /** Connects; everything published from now on is received. */
    public static Feed open(String redisUrl, String channel) {
        Feed feed = new Feed(redisUrl);
        StatefulRedisPubSubConnection<String, String> connection = feed.redis.connectPubSub();
        connection.addListener(new RedisPubSubAdapter<>() {
            @Override
            public void message(String from, String message) {
                feed.received.add(message);
            }
        });
        connection.sync().subscribe(channel);
        return feed;
    }

    /** Takes the next messages, or fewer if they have not come in time. */
    public List<String> take(int count, Duration timeout) throws InterruptedException {
        List<String> taken = new ArrayList<>();
        long end = System.nanoTime() + timeout.toNanos();
        while (taken.size() < count) {
            String next = received.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (next == null) {
                break;
            }
            taken.add(next);
        }
        return taken;
    }

    @Override
    public void close() {
        redis.shutdown();
    }
}
