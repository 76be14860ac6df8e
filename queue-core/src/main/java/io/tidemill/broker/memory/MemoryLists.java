package io.tidemill.broker.memory;

import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.Lists;
import io.tidemill.queue.QueueCounts;
import io.tidemill.task.JobState;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Counts and lists jobs of a {@link MemoryBroker}. Thread-safe. */
final class MemoryLists implements Lists {

    private static final Set<JobState> LISTED =
            EnumSet.of(JobState.READY, JobState.SCHEDULED, JobState.ACTIVE, JobState.DEAD, JobState.SUCCEEDED);

    private final MemoryBroker broker;

    MemoryLists(MemoryBroker broker) {
        this.broker = broker;
    }

    @Override
    public CompletableFuture<QueueCounts> counts(String queue) {
        return broker.hop(queue, MemoryQueue::counts);
    }

    @Override
    public CompletableFuture<List<JobSnapshot>> list(String queue, JobState state, int offset, int limit) {
        MemoryBroker.checkBatch("limit", 1, limit);
        if (!LISTED.contains(state) || offset < 0) {
            throw new IllegalArgumentException(
                    "list takes " + LISTED + " and an offset of 0 or more, got " + state + " and " + offset);
        }
        return broker.hop(queue, it -> it.list(state, offset, limit));
    }
}
