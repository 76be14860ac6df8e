package io.tidemill.redis;

import io.tidemill.broker.LimitStore;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.Limits;
import io.tidemill.queue.QueueLimits;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Keeps the limits of the queues of a {@link RedisBroker}. Thread-safe. */
final class RedisLimits implements LimitStore {

    private final Function<String, RedisQueue> queues;

    RedisLimits(Function<String, RedisQueue> queues) {
        this.queues = queues;
    }

    @Override
    public CompletableFuture<Void> limit(String queue, LimitScope scope, @Nullable Limits limits) {
        return queues.apply(queue).limit(scope, limits);
    }

    @Override
    public CompletableFuture<QueueLimits> limits(String queue) {
        return queues.apply(queue).limits();
    }
}
