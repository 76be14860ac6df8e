package io.tidemill.redis;

import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.tidemill.async.Answers;
import io.tidemill.broker.Subscription;
import io.tidemill.time.Clock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The channels of Redis that a broker object listens to, on a connection of their own. After a break all of them are
 * subscribed to again.
 *
 * <p>Thread-safe.
 */
final class Channels {

    private static final long RETRY_SECONDS = 1;
    private static final long PING_SECONDS = Subscription.LISTEN_PERIOD.toSeconds();
    /** Most channels in one command: while so many are confirmed, nothing else is answered on the connection. */
    private static final int AT_ONCE = 1000;

    /**
     * What to do with a message on a channel, and what to do when Redis has confirmed the channel, also again after a
     * lost connection.
     */
    record Channel(byte[] name, Consumer<String> onMessage, Runnable onSubscribed) {

        String text() {
            return Channels.text(name);
        }
    }

    private final RedisLink link;
    private final Connector<StatefulRedisPubSubConnection<byte[], byte[]>> connector;
    private final Map<String, Channel> channels = new ConcurrentHashMap<>();
    private volatile boolean closed;
    private volatile boolean isPinging;
    /** When something last arrived on the connection. */
    private volatile long heardNanos = Clock.system().nanos();

    Channels(RedisLink link) {
        this.link = link;
        connector = new Connector<>(() -> link.connectHints().thenCompose(this::prepare));
    }

    /** How long ago something last arrived. */
    Duration silence() {
        return Duration.ofNanos(Clock.system().nanos() - heardNanos);
    }

    private void heard() {
        heardNanos = Clock.system().nanos();
    }

    void close() {
        closed = true;
        channels.clear();
    }

    /** Listens to these no longer. */
    void unsubscribe(List<Channel> unwanted) {
        List<Channel> known = unwanted.stream()
                .filter(channel -> channels.remove(channel.text()) != null)
                .toList();
        for (int from = 0; from < known.size() && !closed; from += AT_ONCE) {
            byte[][] names = names(known.subList(from, Math.min(known.size(), from + AT_ONCE)));
            connector.connection().thenCompose(c -> c.async().unsubscribe(names));
        }
    }

    /** Subscribes on a new connection to everything that is wanted so far. */
    private CompletionStage<StatefulRedisPubSubConnection<byte[], byte[]>> prepare(
            StatefulRedisPubSubConnection<byte[], byte[]> connection) {
        connection.addListener(new RedisPubSubAdapter<>() {
            @Override
            public void message(byte[] name, byte[] message) {
                heard();
                Channel channel = channels.get(text(name));
                if (channel != null) {
                    channel.onMessage().accept(text(message));
                }
            }

            @Override
            public void subscribed(byte[] name, long count) {
                heard();
                Channel channel = channels.get(text(name));
                if (channel != null) {
                    channel.onSubscribed().run();
                }
            }
        });
        return subscribe(connection, List.copyOf(channels.values())).thenApply(done -> connection);
    }

    /** A few at a time: while so many are confirmed in one go, nothing else is answered on this connection. */
    private static CompletionStage<Void> subscribe(
            StatefulRedisPubSubConnection<byte[], byte[]> connection, List<Channel> wanted) {
        CompletionStage<Void> subscribed = CompletableFuture.completedStage(null);
        for (int from = 0; from < wanted.size(); from += AT_ONCE) {
            byte[][] names = names(wanted.subList(from, Math.min(wanted.size(), from + AT_ONCE)));
            subscribed = subscribed.thenCompose(done -> connection.async().subscribe(names));
        }
        return subscribed;
    }

    /** Listens to these; done when Redis has confirmed. A command that fails is sent again every second. */
    CompletableFuture<Void> subscribe(List<Channel> wanted) {
        if (wanted.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        for (Channel channel : wanted) {
            channels.put(channel.text(), channel);
        }
        keepPinging();
        CompletableFuture<Void> subscribed =
                connector.connection().thenCompose(connection -> subscribe(connection, wanted));
        subscribed.whenComplete((done, failure) -> {
            if (failure != null) {
                later(() -> subscribeAgain(wanted), RETRY_SECONDS);
            }
        });
        return subscribed;
    }

    private void subscribeAgain(List<Channel> wanted) {
        List<Channel> still = new ArrayList<>(wanted);
        still.removeIf(channel -> !channels.containsKey(channel.text()));
        subscribe(still);
    }

    /** A connection that only listens would not notice that it is dead. */
    private void keepPinging() {
        if (!isPinging) {
            isPinging = true;
            later(this::ping, PING_SECONDS);
        }
    }

    private void ping() {
        connector.connection().thenCompose(c -> c.async().ping()).whenComplete((pong, failure) -> {
            if (failure == null) {
                heard();
                connector.sawReply();
            } else if (Failures.isTimeout(Answers.unwrapped(failure))) {
                connector.sawTimeout();
            }
        });
        later(this::ping, PING_SECONDS);
    }

    private void later(Runnable work, long seconds) {
        if (closed) {
            return;
        }
        try {
            link.timer().schedule(work, seconds, TimeUnit.SECONDS);
        } catch (RejectedExecutionException e) {
            // Closed meanwhile: there are no listeners any more.
        }
    }

    private static byte[][] names(Iterable<Channel> channels) {
        List<byte[]> names = new ArrayList<>();
        for (Channel channel : channels) {
            names.add(channel.name());
        }
        return names.toArray(byte[][]::new);
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
