package io.tidemill.broker.memory;

import io.tidemill.broker.DeleteReply;
import io.tidemill.broker.Operations;
import io.tidemill.broker.PurgeReply;
import io.tidemill.broker.Redrive;
import io.tidemill.broker.RedriveReply;
import io.tidemill.task.JobState;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Operations on the queues of a {@link MemoryBroker}; {@link QueueOperator} says what each does. */
final class MemoryOperations implements Operations {

    private final MemoryBroker broker;

    MemoryOperations(MemoryBroker broker) {
        this.broker = broker;
    }

    @Override
    public CompletableFuture<Boolean> pause(String queue) {
        return hop(queue, QueueOperator::pause);
    }

    @Override
    public CompletableFuture<Boolean> resume(String queue) {
        return hop(queue, QueueOperator::resume);
    }

    @Override
    public CompletableFuture<Boolean> isPaused(String queue) {
        return hop(queue, QueueOperator::isPaused);
    }

    @Override
    public CompletableFuture<List<RedriveReply>> redrive(String queue, List<Redrive> jobs) {
        MemoryBroker.checkBatch("jobs", 1, jobs.size());
        return hop(queue, it -> it.redrive(jobs));
    }

    @Override
    public CompletableFuture<DeleteReply> delete(String queue, String id) {
        return hop(queue, it -> it.delete(id));
    }

    @Override
    public CompletableFuture<PurgeReply> purge(String queue, JobState state, int limit) {
        checkPurge(state, limit);
        return hop(queue, it -> it.purge(state, limit));
    }

    @Override
    public CompletableFuture<Integer> trim(String queue, long keep, long maxAgeMillis, int limit) {
        MemoryBroker.checkBatch("limit", 1, limit);
        return hop(queue, it -> it.trim(keep, maxAgeMillis, limit));
    }

    private static void checkPurge(JobState state, int limit) {
        if (state != JobState.READY && state != JobState.SCHEDULED && state != JobState.DEAD) {
            throw new IllegalArgumentException("jobs can be purged that are READY, SCHEDULED or DEAD, got " + state);
        }
        MemoryBroker.checkBatch("limit", 1, limit);
    }

    private <V> CompletableFuture<V> hop(String queue, Function<QueueOperator, V> hop) {
        return broker.hop(queue, it -> hop.apply(it.operator));
    }
}
