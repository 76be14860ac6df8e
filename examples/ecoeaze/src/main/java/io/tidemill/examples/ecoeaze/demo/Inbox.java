package io.tidemill.examples.ecoeaze.demo;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.tidemill.examples.ecoeaze.notifications.Notification;
import io.tidemill.examples.ecoeaze.notifications.Notifications;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A user's device: it is connected and receives what is pushed to the user. */
public final class Inbox implements AutoCloseable {

    private final BlockingQueue<Notification> received = new LinkedBlockingQueue<>();
    private final RedisClient redis;

    private Inbox(String redisUrl) {
        this.redis = RedisClient.create(RedisURI.create(redisUrl));
    }

    /** Connects; everything pushed from now on is received. */
    public static Inbox open(String redisUrl, String user) {
        Inbox inbox = new Inbox(redisUrl);
        StatefulRedisPubSubConnection<String, String> connection = inbox.redis.connectPubSub();
        connection.addListener(new RedisPubSubAdapter<>() {
            @Override
            public void message(String channel, String message) {
                inbox.received.add(Notifications.parse(message));
            }
        });
        connection.sync().subscribe(Notifications.channel(user));
        return inbox;
    }

    /** Takes the next notifications, or fewer if they have not come in time. */
    public List<Notification> take(int count, Duration timeout) throws InterruptedException {
        List<Notification> taken = new ArrayList<>();
        long end = System.nanoTime() + timeout.toNanos();
        while (taken.size() < count) {
            Notification next = received.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
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
