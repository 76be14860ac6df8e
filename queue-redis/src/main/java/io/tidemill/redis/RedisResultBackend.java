package io.tidemill.redis;

import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulConnection;
import io.tidemill.task.BrokerException;
import io.tidemill.task.BrokerException.Outcome;
import io.tidemill.broker.ResultBackend;
import io.tidemill.redis.keys.Keyspace;
import io.tidemill.redis.script.Commands;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * Keeps results in a Redis of their own, under the same keys as {@link RedisBroker} keeps them beside the jobs.
 *
 * <p>Thread-safe. Futures complete on a network thread. A request that fails is not repeated here: both are safe to ask
 * again.
 */
public final class RedisResultBackend implements ResultBackend {

    private final RedisOptions options;
    private final RedisLink link;
    private final Connector<StatefulConnection<byte[], byte[]>> commands;

    private final AtomicBoolean closed = new AtomicBoolean();

    private RedisResultBackend(String uri, RedisOptions options) {
        this.options = options;
        link = new RedisLink(RedisLink.parse(uri), options);
        commands = link.commands();
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
    public CompletableFuture<Void> store(String queue, String id, byte[] result, long ttlMillis) {
        byte[] kept = new byte[result.length + 1];
        kept[0] = 'S';
        System.arraycopy(result, 0, kept, 1, result.length);
        byte[] key = key(queue, id);
        return ask(
                "store",
                queue,
                connection -> Commands.async(connection)
                        .set(key, kept, SetArgs.Builder.px(Math.max(1, ttlMillis)))
                        .thenApply(done -> null));
    }

    @Override
    public CompletableFuture<Optional<byte[]>> find(String queue, String id) {
        byte[] key = key(queue, id);
        return ask(
                "find",
                queue,
                connection -> Commands.async(connection)
                        .get(key)
                        .thenApply(kept -> Optional.ofNullable(kept == null ? null : JobReplies.result(kept))));
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            link.close();
        }
    }

    private byte[] key(String queue, String id) {
        return new Keyspace(options.prefix(), queue).result(id);
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
            Throwable cause = Failures.unwrap(failure);
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
