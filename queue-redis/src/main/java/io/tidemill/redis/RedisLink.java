package io.tidemill.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.netty.util.Timeout;
import io.netty.util.concurrent.EventExecutorGroup;
import io.tidemill.async.Answers;
import io.tidemill.redis.script.Commands;
import io.tidemill.task.BrokerException;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One Redis: its client and its threads, with {@link LettuceSettings}. A server that says that it is a node of a
 * cluster is left for a client of the whole cluster; nobody else needs to know which it is.
 *
 * <p>Thread-safe.
 */
final class RedisLink implements AutoCloseable {

    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(100);
    private static final long CLOSE_SECONDS = 5;

    private static final String NO_SELECT = "SELECT is not allowed in cluster mode";

    /** One server, or Sentinel's; or some nodes of a cluster. */
    private final List<RedisURI> uris;

    private final RedisOptions options;
    private final ClientResources resources;
    private final RedisClient client;
    private final AtomicReference<@Nullable RedisClusterClient> cluster = new AtomicReference<>();
    private final Set<CompletableFuture<? extends StatefulConnection<?, ?>>> connections =
            ConcurrentHashMap.newKeySet();
    /** How often a connection was lost: whatever broke it, Redis may have lost what it had acknowledged. */
    private final AtomicLong losses = new AtomicLong();

    private final RedisConnectionStateListener counter = new RedisConnectionStateListener() {
        @Override
        public void onRedisDisconnected(RedisChannelHandler<?, ?> connection) {
            losses.incrementAndGet();
        }
    };
    private volatile boolean isSingle;
    private volatile boolean isTopologyKnown;
    private volatile boolean isChecked;

    RedisLink(List<RedisURI> uris, RedisOptions options) {
        this.uris = uris;
        this.options = options;
        // Lettuce bounds the handshake of every connection, also of those that its watchdog makes, by the timeout of
        // the address: 60 s unless set.
        for (RedisURI uri : uris) {
            options.customizer().address(uri);
            uri.setTimeout(options.connectTimeout());
            uri.getSentinels().forEach(sentinel -> sentinel.setTimeout(options.connectTimeout()));
        }
        resources = LettuceSettings.resources(options);
        client = RedisClient.create(resources);
        client.addListener(counter);
        client.setOptions(LettuceSettings.client(options));
    }

    /** How often a connection to it was lost so far. */
    long losses() {
        return losses.get();
    }

    /** How its connections behave. */
    ClientOptions clientOptions() {
        return client.getOptions();
    }

    /** Host and port, without credentials. */
    String address() {
        return RedisAddress.text(uris);
    }

    /** There is no connection. */
    BrokerException unreachable(Throwable failure) {
        return Failures.unreachable(address(), uris.get(0).isSsl(), options, failure);
    }

    /** The number of the database; a cluster has the first one only. */
    int database() {
        return uris.get(0).getDatabase();
    }

    /** Whether it is a cluster, as far as is known: false before the first connection. */
    boolean isCluster() {
        return cluster.get() != null;
    }

    /** A connector for commands. */
    Connector<StatefulConnection<byte[], byte[]>> commands() {
        return new Connector<>(() -> connect(ByteArrayCodec.INSTANCE).thenCompose(this::checked));
    }

    /** A new connection for commands. */
    <K, V> CompletionStage<StatefulConnection<K, V>> connect(RedisCodec<K, V> codec) {
        RedisClusterClient known = cluster.get();
        if (known != null) {
            return connect(known, codec);
        }
        return isSingle ? client.connectAsync(codec, uris.get(0)).thenApply(c -> c) : connectToFirst(codec, 0);
    }

    private <K, V> CompletionStage<StatefulConnection<K, V>> connect(RedisClusterClient nodes, RedisCodec<K, V> codec) {
        return remembered(
                topology(nodes).thenCompose(done -> nodes.connectAsync(codec)).thenCompose(RedisLink::warmed));
    }

    /** To be closed one by one: a cluster's client that is closed while it connects makes a noise in the log. */
    private <C extends StatefulConnection<?, ?>> CompletionStage<C> remembered(CompletionStage<C> connection) {
        CompletableFuture<C> future = connection.toCompletableFuture();
        connections.removeIf(it ->
                it.isDone() && (it.isCompletedExceptionally() || !it.join().isOpen()));
        connections.add(future);
        return future;
    }

    /** Asked for once; from then on the client keeps it up to date by itself. */
    private CompletionStage<Void> topology(RedisClusterClient nodes) {
        return isTopologyKnown
                ? CompletableFuture.completedStage(null)
                : nodes.refreshPartitionsAsync().thenAccept(done -> isTopologyKnown = true);
    }

    /** Lettuce connects to a node when it is first needed, and rejects what else is for it meanwhile. */
    private static <K, V> CompletionStage<StatefulConnection<K, V>> warmed(
            StatefulRedisClusterConnection<K, V> connection) {
        CompletableFuture<?>[] nodes = masters(connection)
                .map(node -> connection
                        .getConnectionAsync(
                                node.getUri().getHost(), node.getUri().getPort())
                        .handle((done, failure) -> null))
                .toArray(CompletableFuture<?>[]::new);
        return CompletableFuture.allOf(nodes).thenApply(done -> connection);
    }

    private static Stream<RedisClusterNode> masters(StatefulRedisClusterConnection<?, ?> connection) {
        return connection.getPartitions().stream().filter(node -> node.getRole().isUpstream() && !node.hasNoSlots());
    }

    /** Connects to the first address that answers, and finds out what it is. */
    private <K, V> CompletionStage<StatefulConnection<K, V>> connectToFirst(RedisCodec<K, V> codec, int index) {
        return client.connectAsync(codec, uris.get(index))
                .<CompletionStage<StatefulConnection<K, V>>>handle((connection, failure) -> {
                    if (failure == null) {
                        return recognise(connection, codec);
                    }
                    if (Failures.says(failure, NO_SELECT)) {
                        return CompletableFuture.failedStage(Failures.noDatabase(address()));
                    }
                    return index + 1 < uris.size()
                            ? connectToFirst(codec, index + 1)
                            : CompletableFuture.failedStage(failure);
                })
                .thenCompose(stage -> stage);
    }

    /** Who may not ask is taken for a client of a single server. */
    private <K, V> CompletionStage<StatefulConnection<K, V>> recognise(
            StatefulRedisConnection<K, V> connection, RedisCodec<K, V> codec) {
        return connection
                .async()
                .info("cluster")
                .<CompletionStage<StatefulConnection<K, V>>>handle((info, failure) -> {
                    if (failure != null && Failures.isUnknown(Answers.unwrapped(failure))) {
                        connection.closeAsync();
                        return CompletableFuture.failedStage(failure);
                    }
                    if (failure == null && Preflight.isCluster(info)) {
                        connection.closeAsync();
                        return uris.stream().anyMatch(uri -> uri.getDatabase() != 0)
                                ? CompletableFuture.failedStage(Failures.noDatabase(address()))
                                : connect(cluster(), codec);
                    }
                    if (uris.size() > 1) {
                        connection.closeAsync();
                        return CompletableFuture.failedStage(Failures.noCluster(address()));
                    }
                    isSingle = true;
                    return CompletableFuture.completedStage(connection);
                })
                .thenCompose(stage -> stage);
    }

    private RedisClusterClient cluster() {
        RedisClusterClient nodes = RedisClusterClient.create(resources, uris);
        nodes.addListener(counter);
        nodes.setOptions(LettuceSettings.cluster(client.getOptions()));
        if (!cluster.compareAndSet(null, nodes)) {
            nodes.shutdownAsync();
        }
        return Objects.requireNonNull(cluster.get());
    }

    /** Looks at the server once, whether that is when the broker is opened or, with lazyConnect, later. */
    private CompletionStage<StatefulConnection<byte[], byte[]>> checked(StatefulConnection<byte[], byte[]> connection) {
        if (isChecked) {
            return CompletableFuture.completedStage(connection);
        }
        return look(connection).handle((done, failure) -> {
            try {
                if (failure != null) {
                    throw new CompletionException(Answers.unwrapped(failure));
                }
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
        RedisClusterClient known = cluster.get();
        if (known != null) {
            return remembered(topology(known)
                    .thenCompose(done -> known.connectPubSubAsync(ByteArrayCodec.INSTANCE))
                    .<StatefulRedisPubSubConnection<byte[], byte[]>>thenApply(c -> c));
        }
        return isSingle
                ? client.connectPubSubAsync(ByteArrayCodec.INSTANCE, uris.get(0))
                : connect(ByteArrayCodec.INSTANCE).thenCompose(connection -> {
                    connection.closeAsync();
                    return connectHints();
                });
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
     * @throws BrokerException if it does not answer, or if preflight refuses it
     */
    void open(Connector<StatefulConnection<byte[], byte[]>> connector) {
        long deadline = Clock.system().nanos() + options.connectTimeout().toNanos();
        Exception telling = null;
        while (true) {
            try {
                connector.connection().get(deadline - Clock.system().nanos(), TimeUnit.NANOSECONDS);
                return;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw unreachable(e);
            } catch (ExecutionException | TimeoutException e) {
                if (Answers.unwrapped(e) instanceof BrokerException refused) {
                    throw refused;
                }
                // An error that the server sent says more than the error of the last attempt.
                telling = telling == null || Failures.saysItPasses(e) ? e : telling;
                boolean hasTime = deadline - Clock.system().nanos() > BETWEEN_ATTEMPTS.toNanos();
                if (!mayPass(e) || !hasTime || !pause()) {
                    throw unreachable(telling);
                }
            }
        }
    }

    /**
     * Whether another attempt may succeed: the server was slow to answer one command, or cannot serve just now, or
     * closed the connection during the handshake. Of the last Lettuce now and then reports its own state and not the
     * reason.
     */
    private static boolean mayPass(Exception failure) {
        Throwable root = Failures.root(failure);
        return root instanceof RedisCommandTimeoutException
                || root instanceof IllegalStateException
                || Failures.saysItPasses(failure);
    }

    /** Returns false if interrupted. */
    private static boolean pause() {
        try {
            Clock.system().alarm().await(BETWEEN_ATTEMPTS.toNanos());
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private CompletionStage<Void> look(StatefulConnection<byte[], byte[]> connection) {
        if (options.preflight() == PreflightMode.OFF) {
            return Commands.async(connection).ping().thenAccept(pong -> {});
        }
        if (connection instanceof StatefulRedisConnection<byte[], byte[]> single) {
            return look(address(), single);
        }
        CompletionStage<Void> all = CompletableFuture.completedStage(null);
        if (connection instanceof StatefulRedisClusterConnection<byte[], byte[]> nodes) {
            for (RedisClusterNode node : masters(nodes).toList()) {
                RedisURI uri = node.getUri();
                all = all.thenCompose(done -> nodes.getConnectionAsync(uri.getHost(), uri.getPort()))
                        .thenCompose(it -> look(RedisAddress.text(uri), it));
            }
        }
        return all;
    }

    private CompletionStage<Void> look(String address, StatefulRedisConnection<byte[], byte[]> connection) {
        return new ServerCheck(connection, options)
                .look()
                .thenAccept(problems -> ServerCheck.judge(address, options.preflight(), problems));
    }

    @Override
    public void close() {
        RedisClusterClient nodes = cluster.get();
        if (nodes != null) {
            CompletableFuture<?>[] closed = connections.stream()
                    .map(it -> it.thenCompose(StatefulConnection::closeAsync))
                    .toArray(CompletableFuture<?>[]::new);
            awaitClosed(CompletableFuture.allOf(closed));
            awaitClosed(nodes.shutdownAsync(0, CLOSE_SECONDS, TimeUnit.SECONDS));
        }
        awaitClosed(client.shutdownAsync(0, CLOSE_SECONDS, TimeUnit.SECONDS));
        resources.shutdown(0, CLOSE_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
    }

    /** Not for ever: a connection that an error left half done may never say that it is closed. */
    private static void awaitClosed(CompletableFuture<Void> closed) {
        closed.orTimeout(2 * CLOSE_SECONDS, TimeUnit.SECONDS)
                .exceptionally(failure -> null)
                .join();
    }
}
