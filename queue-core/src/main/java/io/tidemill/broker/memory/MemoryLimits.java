package io.tidemill.broker.memory;

import io.tidemill.broker.LimitStore;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.Limits;
import io.tidemill.queue.QueueLimits;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Keeps the limits of the queues of a {@link MemoryBroker}. Thread-safe. */
final class MemoryLimits implements LimitStore {

    private final MemoryBroker broker;

    MemoryLimits(MemoryBroker broker) {
        this.broker = broker;
    }

    @Override
    public CompletableFuture<Void> limit(String queue, LimitScope scope, @Nullable Limits limits) {
        return broker.hop(queue, it -> it.limiter.limit(scope, limits));
    }

    @Override
    public CompletableFuture<QueueLimits> limits(String queue) {
        return broker.hop(queue, it -> it.limiter.limits());
    }
}
