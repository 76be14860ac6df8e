package io.tidemill.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.Delay;
import io.netty.util.Timeout;
import io.netty.util.concurrent.EventExecutorGroup;
import io.tidemill.broker.BrokerException;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One Redis: its client, its threads and the settings that make them safe to use.
 *
 * <p>Lettuce would by itself send commands again that were in flight when a connection broke, so a script would run
 * twice and only its second answer be seen. {@code REJECT_COMMANDS} is the setting that never does; sending again is
 * {@code Requests}' business, which numbers what it sends.
 *
 * <p>Thread-safe.
 */
final class RedisLink implements AutoCloseable {

    private static final Duration RECONNECT_FIRST = Duration.ofMillis(50);
    private static final Duration RECONNECT_MOST = Duration.ofSeconds(2);
    private static final int REQUEST_QUEUE = 16_384;
    private static final int THREADS = 2;
    private static final int HANDSHAKES = 5;
    private static final long CLOSE_SECONDS = 5;

    private final RedisURI uri;
    private final RedisOptions options;
    private final ClientResources resources;
    private final RedisClient client;
    private volatile boolean isChecked;

    RedisLink(RedisURI uri, RedisOptions options) {
        this.uri = uri;
        this.options = options;
        // Lettuce bounds the handshake of every connection, also of those that its watchdog makes, by the timeout of
        // the address: 60 s unless set.
        uri.setTimeout(options.connectTimeout());
        uri.getSentinels().forEach(sentinel -> sentinel.setTimeout(options.connectTimeout()));
        resources = DefaultClientResources.builder()
                .ioThreadPoolSize(THREADS)
                .computationThreadPoolSize(THREADS)
                .reconnectDelay(Delay.fullJitter(RECONNECT_FIRST, RECONNECT_MOST, 50, TimeUnit.MILLISECONDS))
                .commandLatencyRecorder(CommandLatencyRecorder.disabled())
                .build();
        client = RedisClient.create(resources);
        client.setOptions(ClientOptions.builder()
                .autoReconnect(true)
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .requestQueueSize(REQUEST_QUEUE)
                .timeoutOptions(TimeoutOptions.enabled(options.commandTimeout()))
                .socketOptions(SocketOptions.builder()
                        .connectTimeout(options.connectTimeout())
                        .keepAlive(true)
                        .build())
                .build());
    }

    /** Reads an address; an error names what is wrong, and no password. */
    static RedisURI parse(String uri) {
        try {
            return RedisURI.create(uri);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(
                    "the Redis address must look like redis://host:6379, rediss://host:6380/0"
                            + " or redis-sentinel://host:26379/0#name; it could not be read: "
                            + e.getClass().getSimpleName());
        }
    }

    /** Host and port, without credentials. */
    String address() {
        return Failures.address(uri);
    }

    /** A connector for commands. */
    Connector<StatefulRedisConnection<byte[], byte[]>> commands() {
        return new Connector<>(
                () -> client.connectAsync(ByteArrayCodec.INSTANCE, uri).thenCompose(this::checked));
    }

    /** Looks at the server once, whether that is when the broker is opened or, with lazyConnect, later. */
    private CompletionStage<StatefulRedisConnection<byte[], byte[]>> checked(
            StatefulRedisConnection<byte[], byte[]> connection) {
        if (isChecked) {
            return CompletableFuture.completedStage(connection);
        }
        return connection.async().info().handle((info, failure) -> {
            try {
                if (failure != null) {
                    throw new CompletionException(Failures.unwrap(failure));
                }
                Preflight.check(address(), info);
                isChecked = true;
                return connection;
            } catch (RuntimeException e) {
                connection.closeAsync();
                throw e;
            }
        });
    }

    /** A new connection that can subscribe. */
    CompletionStage<StatefulRedisPubSubConnection<byte[], byte[]>> connectHints() {
        return client.connectPubSubAsync(ByteArrayCodec.INSTANCE, uri);
    }

    /** Runs delayed work: quick, and never blocking. */
    EventExecutorGroup timer() {
        return resources.eventExecutorGroup();
    }

    /** Runs something after a while unless it is cancelled before: for what is nearly always cancelled. */
    Timeout after(Duration delay, Runnable work) {
        return resources.timer().newTimeout(due -> timer().execute(work), delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    /**
     * Waits for the first connection and looks at the server behind it.
     *
     * @throws BrokerException if it does not answer or is too old
     */
    void open(Connector<StatefulRedisConnection<byte[], byte[]>> connector) {
        long deadline = Clock.system().nanos() + options.connectTimeout().toNanos();
        for (int attempt = 1; ; attempt++) {
            try {
                connector.connection().get(deadline - Clock.system().nanos(), TimeUnit.NANOSECONDS);
                return;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw Failures.unreachable(uri, options, e);
            } catch (ExecutionException | TimeoutException e) {
                if (Failures.unwrap(e) instanceof BrokerException refused) {
                    throw refused;
                }
                // Lettuce now and then trips over a connection that the server closes during the handshake, and then
                // reports its own state instead of the server's reason; the next attempt brings the reason.
                boolean tripped = attempt < HANDSHAKES && Failures.root(e) instanceof IllegalStateException;
                // A server that is slow to answer one command has the whole connect timeout to answer another.
                boolean slow = Failures.root(e) instanceof RedisCommandTimeoutException
                        && deadline - Clock.system().nanos() > 0;
                if (!tripped && !slow) {
                    throw Failures.unreachable(uri, options, e);
                }
            }
        }
    }

    @Override
    public void close() {
        client.shutdownAsync(0, CLOSE_SECONDS, TimeUnit.SECONDS)
                .exceptionally(failure -> null)
                .join();
        resources.shutdown(0, CLOSE_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
    }
}
