package io.tidemill.broker.partition;

import io.tidemill.broker.Ability;
import io.tidemill.broker.Broker;
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
import io.tidemill.queue.QueueCounts;
import io.tidemill.queue.RescheduleReply;
import io.tidemill.task.JobState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/** What operators do to a queue is done to all its partitions. Thread-safe. */
final class PartitionedOperations implements Operations {

    private final Broker broker;
    private final Partitions partitions;

    PartitionedOperations(Broker broker, Partitions partitions) {
        this.broker = broker;
        this.partitions = partitions;
    }

    private Operations below() {
        return broker.operations();
    }

    @Override
    public CompletableFuture<Boolean> pause(String queue) {
        return PartitionRequests.all(
                        partitions.of(queue).stream().map(below()::pause).toList())
                .thenApply(all -> all.contains(true));
    }

    @Override
    public CompletableFuture<Boolean> resume(String queue) {
        return PartitionRequests.all(
                        partitions.of(queue).stream().map(below()::resume).toList())
                .thenApply(all -> all.contains(true));
    }

    @Override
    public CompletableFuture<Boolean> isPaused(String queue) {
        return PartitionRequests.all(
                        partitions.of(queue).stream().map(below()::isPaused).toList())
                .thenApply(all -> all.contains(true));
    }

    /** Nobody says where a job died: what one partition does not know the next is asked for. */
    @Override
    public CompletableFuture<List<RedriveReply>> redrive(String queue, List<Redrive> jobs) {
        List<RedriveReply> replies = new ArrayList<>(Collections.nCopies(jobs.size(), RedriveReply.NOT_DEAD));
        return redrive(partitions.of(queue), jobs, replies);
    }

    private CompletableFuture<List<RedriveReply>> redrive(
            List<String> parts, List<Redrive> jobs, List<RedriveReply> replies) {
        List<Integer> open = new ArrayList<>();
        for (int i = 0; i < jobs.size(); i++) {
            if (replies.get(i) == RedriveReply.NOT_DEAD) {
                open.add(i);
            }
        }
        if (parts.isEmpty() || open.isEmpty()) {
            return CompletableFuture.completedFuture(replies);
        }
        return below().redrive(parts.get(0), open.stream().map(jobs::get).toList())
                .thenCompose(some -> {
                    for (int i = 0; i < open.size(); i++) {
                        replies.set(open.get(i), some.get(i));
                    }
                    return redrive(parts.subList(1, parts.size()), jobs, replies);
                });
    }

    @Override
    public CompletableFuture<RescheduleReply> reschedule(String queue, Reschedule job) {
        return PartitionRequests.firstOf(
                partitions.of(queue),
                part -> below().reschedule(part, job),
                reply -> reply != RescheduleReply.NOT_FOUND,
                RescheduleReply.NOT_FOUND);
    }

    @Override
    public CompletableFuture<DeleteReply> delete(String queue, String id) {
        return PartitionRequests.firstOf(
                partitions.of(queue),
                part -> below().delete(part, id),
                reply -> reply != DeleteReply.NOT_FOUND,
                DeleteReply.NOT_FOUND);
    }

    @Override
    public CompletableFuture<PurgeReply> purge(String queue, JobState state, int limit) {
        return PartitionRequests.firstOf(
                        partitions.of(queue),
                        part -> below().purge(part, state, limit),
                        reply -> reply.removed() > 0 || reply.hasMore(),
                        new PurgeReply(0, false))
                // Whether other partitions have more is seen by asking again.
                .thenApply(reply -> new PurgeReply(reply.removed(), reply.hasMore() || reply.removed() > 0));
    }

    @Override
    public CompletableFuture<Optional<Inspection>> inspect(String queue, String id) {
        return PartitionRequests.firstOf(
                partitions.of(queue), part -> below().inspect(part, id), Optional::isPresent, Optional.empty());
    }

    @Override
    public CompletableFuture<List<LeaseSnapshot>> leases(String queue, int limit) {
        return PartitionRequests.all(partitions.of(queue).stream()
                        .map(part -> below().leases(part, limit))
                        .toList())
                .thenApply(all -> all.stream()
                        .flatMap(List::stream)
                        .sorted(Comparator.comparingLong(LeaseSnapshot::endsMillis))
                        .limit(limit)
                        .toList());
    }

    /** All are looked at before the first is removed. Workers are known to the first one, which is removed first. */
    @Override
    public CompletableFuture<EraseReply> erase(String queue, boolean running) {
        List<String> parts = partitions.of(queue);
        CompletableFuture<Long> schedules = broker.abilities().contains(Ability.SCHEDULES)
                ? broker.schedules().count(queue)
                : CompletableFuture.completedFuture(0L);
        return schedules.thenCompose(count ->
                count > 0 ? CompletableFuture.completedFuture(EraseReply.HAS_SCHEDULES) : erase(parts, running));
    }

    private CompletableFuture<EraseReply> erase(List<String> parts, boolean running) {
        return PartitionRequests.all(parts.stream().map(broker.lists()::counts).toList())
                .thenCompose(all -> all.stream().anyMatch(counts -> hasJobs(counts, running))
                        ? CompletableFuture.completedFuture(EraseReply.HAS_JOBS)
                        : PartitionRequests.firstOf(
                                parts,
                                part -> below().erase(part, running),
                                reply -> reply != EraseReply.ERASED,
                                EraseReply.ERASED));
    }

    private static boolean hasJobs(QueueCounts counts, boolean running) {
        return counts.ready() + counts.scheduled() + counts.waiting() + counts.dead() + (running ? 0 : counts.active())
                > 0;
    }

    @Override
    public CompletableFuture<Set<String>> queues() {
        return below().queues()
                .thenApply(names -> names.stream().map(partitions::queueOf).collect(Collectors.toSet()));
    }

    @Override
    public CompletableFuture<Boolean> register(String queue, String worker, byte[] info, long ttlMillis) {
        return below().register(partitions.of(queue).get(0), worker, info, ttlMillis);
    }

    @Override
    public CompletableFuture<List<WorkerSnapshot>> workers(String queue) {
        return below().workers(partitions.of(queue).get(0));
    }
}
