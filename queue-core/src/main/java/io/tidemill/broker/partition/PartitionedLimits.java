package io.tidemill.broker.partition;

import io.tidemill.broker.Broker;
import io.tidemill.broker.LimitStore;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.Limits;
import io.tidemill.queue.QueueLimits;
import io.tidemill.task.BrokerException;
import io.tidemill.task.BrokerException.Outcome;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Limits of groups hold in each partition, as a group is in one of them. Thread-safe. */
final class PartitionedLimits implements LimitStore {

    private final Broker broker;
    private final Partitions partitions;

    PartitionedLimits(Broker broker, Partitions partitions) {
        this.broker = broker;
        this.partitions = partitions;
    }

    @Override
    public CompletableFuture<Void> limit(String queue, LimitScope scope, @Nullable Limits limits) {
        List<String> parts = partitions.of(queue);
        if (parts.size() > 1 && scope.equals(LimitScope.QUEUE) && limits != null) {
            return CompletableFuture.failedFuture(new BrokerException(
                    Outcome.REFUSED,
                    "queue " + queue + " is split in " + parts.size()
                            + " partitions, which cannot count together: limit its groups, or do not split it",
                    null));
        }
        return PartitionRequests.all(parts.stream()
                        .map(part -> broker.limits().limit(part, scope, limits))
                        .toList())
                .thenApply(done -> null);
    }

    @Override
    public CompletableFuture<QueueLimits> limits(String queue) {
        return broker.limits().limits(partitions.of(queue).get(0));
    }
}
