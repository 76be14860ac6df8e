package io.tidemill.redis;

import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.tidemill.async.Answers;
import io.tidemill.async.Safely;
import io.tidemill.broker.JobOutcome;
import io.tidemill.broker.ResultBackend;
import io.tidemill.broker.Subscription;
import io.tidemill.redis.Channels.Channel;
import io.tidemill.redis.keys.Keyspace;
import io.tidemill.redis.keys.WireText;
import io.tidemill.redis.script.Commands;
import io.tidemill.redis.script.ScriptRequest;
import io.tidemill.task.BrokerException;
import io.tidemill.task.BrokerException.Outcome;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Keeps outcomes in a Redis of their own, under the same keys as {@link RedisBroker} keeps results beside the jobs, and
 * announces them to those who listen.
 *
 * <p>Thread-safe. Futures complete on a network thread. A request that fails is not repeated here: all are safe to ask
 * again.
 */
public final class RedisResultBackend implements ResultBackend {

    /** One step, as another outcome may be stored between a look and a write. A letter D is of a dead job. */
    private static final String STORE_LATE = """
        local kept = redis.call('GETRANGE', KEYS[1], 0, 0)
        if kept ~= '' and kept ~= 'D' then
          return 0
        end
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        return 1
        """;

    /** How one outcome is stored. */
    private interface Storing {
        CompletionStage<?> store(RedisClusterAsyncCommands<byte[], byte[]> redis, byte[] key, JobOutcome outcome);
    }

    private final RedisOptions options;
    private final RedisLink link;
    private final Connector<StatefulConnection<byte[], byte[]>> commands;

    private final Channels channels;
    /** Who listens, by queue. */
    private final Map<String, List<Consumer<String>>> listeners = new ConcurrentHashMap<>();

    private final AtomicBoolean closed = new AtomicBoolean();

    private RedisResultBackend(String uri, RedisOptions options) {
        this.options = options;
        link = new RedisLink(RedisAddress.parse(uri), options);
        commands = link.commands();
        channels = new Channels(link);
    }

    /**
     * A backend with the default options. Connects when it is opened.
     *
     * @param uri as for {@link RedisBroker#connect(String)}
     * @throws IllegalArgumentException if the address cannot be read
     */
    public static RedisResultBackend connect(String uri) {
        return connect(uri, RedisOptions.defaults());
    }

    /**
     * A backend. Connects when it is opened.
     *
     * @param uri as for {@link RedisBroker#connect(String)}
     * @throws IllegalArgumentException if the address cannot be read
     */
    public static RedisResultBackend connect(String uri, RedisOptions options) {
        return new RedisResultBackend(uri, options);
    }

    @Override
    public void open() {
        if (!options.lazyConnect()) {
            link.open(commands);
        }
    }

    @Override
    public CompletableFuture<Void> store(String queue, List<JobOutcome> outcomes) {
        return store(
                queue,
                outcomes,
                (redis, key, outcome) -> redis.set(
                        key, StoredOutcome.encode(outcome), SetArgs.Builder.px(Math.max(1, outcome.ttlMillis()))));
    }

    @Override
    public CompletableFuture<Void> storeLate(String queue, List<JobOutcome> outcomes) {
        return store(
                queue,
                outcomes,
                (redis, key, outcome) -> redis.eval(
                        STORE_LATE,
                        ScriptOutputType.INTEGER,
                        new byte[][] {key},
                        StoredOutcome.encode(outcome),
                        ScriptRequest.ascii(Math.max(1, outcome.ttlMillis()))));
    }

    private CompletableFuture<Void> store(String queue, List<JobOutcome> outcomes, Storing storing) {
        Keyspace keys = new Keyspace(options.prefix(), queue);
        return ask("store", queue, connection -> {
            RedisClusterAsyncCommands<byte[], byte[]> redis = Commands.async(connection);
            List<CompletableFuture<?>> stored = new ArrayList<>(outcomes.size());
            for (JobOutcome outcome : outcomes) {
                byte[] key = keys.result(WireText.of("job id", outcome.id()));
                stored.add(storing.store(redis, key, outcome).toCompletableFuture());
            }
            return CompletableFuture.allOf(stored.toArray(CompletableFuture<?>[]::new))
                    .thenRun(() -> outcomes.forEach(outcome -> redis.publish(
                            keys.finishedChannel(),
                            WireText.of("job id", outcome.id()).getBytes(StandardCharsets.ISO_8859_1))));
        });
    }

    @Override
    public CompletableFuture<Optional<JobOutcome>> find(String queue, String id) {
        byte[] key = new Keyspace(options.prefix(), queue).result(WireText.of("job id", id));
        return ask(
                "find",
                queue,
                connection -> Commands.async(connection)
                        .get(key)
                        .thenApply(kept -> kept == null ? Optional.empty() : StoredOutcome.decode(id, kept)));
    }

    @Override
    public Subscription listen(String queue, Consumer<String> ended) {
        List<Consumer<String>> ofQueue = listeners.computeIfAbsent(queue, name -> new CopyOnWriteArrayList<>());
        ofQueue.add(ended);
        // Again for each: it costs nothing, and the channel stays, as one without a listener costs nothing either.
        byte[] channel = new Keyspace(options.prefix(), queue).finishedChannel();
        channels.subscribe(List.of(new Channel(channel, id -> announce(ofQueue, WireText.show(id)), () -> {})));
        return () -> ofQueue.remove(ended);
    }

    private static void announce(List<Consumer<String>> ofQueue, String id) {
        ofQueue.forEach(each -> Safely.run("announcing an outcome", () -> each.accept(id)));
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            channels.close();
            link.close();
        }
    }

    private <T> CompletableFuture<T> ask(
            String what, String queue, Function<StatefulConnection<byte[], byte[]>, CompletionStage<T>> request) {
        if (closed.get()) {
            return CompletableFuture.failedFuture(Failures.closed("the result's " + what, queue));
        }
        return commands.connection().thenCompose(request).handle((answer, failure) -> {
            if (failure == null) {
                commands.sawReply();
                return answer;
            }
            Throwable cause = Answers.unwrapped(failure);
            if (Failures.isTimeout(cause)) {
                commands.sawTimeout();
            }
            if (cause instanceof BrokerException refused) {
                throw refused;
            }
            if (!Failures.isUnknown(cause)) {
                throw Failures.refused("the result's " + what, queue, link.address(), cause);
            }
            throw new BrokerException(
                    Outcome.UNKNOWN,
                    "Redis at " + link.address() + " gave no answer to the result's " + what + " on queue " + queue,
                    cause);
        });
    }
}
