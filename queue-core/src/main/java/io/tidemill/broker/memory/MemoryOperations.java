package io.tidemill.broker.memory;

import io.tidemill.broker.DeleteReply;
import io.tidemill.broker.EraseReply;
import io.tidemill.broker.Inspection;
import io.tidemill.broker.LeaseSnapshot;
import io.tidemill.broker.Operations;
import io.tidemill.broker.PurgeReply;
import io.tidemill.broker.Redrive;
import io.tidemill.broker.RedriveReply;
import io.tidemill.broker.Reschedule;
import io.tidemill.broker.WorkerSnapshot;
import io.tidemill.queue.RescheduleReply;
import io.tidemill.task.JobState;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Operations on the queues of a {@link MemoryBroker}; {@link QueueOperator} says what each does. */
final class MemoryOperations implements Operations {

    private static final Set<JobState> PURGED =
            EnumSet.of(JobState.READY, JobState.SCHEDULED, JobState.WAITING, JobState.DEAD, JobState.SUCCEEDED);

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
    public CompletableFuture<RescheduleReply> reschedule(String queue, Reschedule job) {
        return hop(queue, it -> it.reschedule(job));
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
    public CompletableFuture<Optional<Inspection>> inspect(String queue, String id) {
        return hop(queue, it -> it.inspect(id));
    }

    @Override
    public CompletableFuture<List<LeaseSnapshot>> leases(String queue, int limit) {
        MemoryBroker.checkBatch("limit", 1, limit);
        return hop(queue, it -> it.leases(limit));
    }

    @Override
    public CompletableFuture<EraseReply> erase(String queue, boolean running) {
        return hop(queue, it -> it.erase(running));
    }

    @Override
    public CompletableFuture<Set<String>> queues() {
        return broker.queues();
    }

    @Override
    public CompletableFuture<Boolean> register(String queue, String worker, byte[] info, long ttlMillis) {
        return hop(queue, it -> it.register(worker, info, ttlMillis));
    }

    @Override
    public CompletableFuture<List<WorkerSnapshot>> workers(String queue) {
        return hop(queue, QueueOperator::workers);
    }

    private static void checkPurge(JobState state, int limit) {
        if (!PURGED.contains(state)) {
            throw new IllegalArgumentException(
                    "jobs can be purged that are READY, SCHEDULED, WAITING, DEAD or SUCCEEDED, got " + state);
        }
        MemoryBroker.checkBatch("limit", 1, limit);
    }

    private <V extends @Nullable Object> CompletableFuture<V> hop(String queue, Function<QueueOperator, V> hop) {
        return broker.hop(queue, it -> hop.apply(it.operator));
    }
}
