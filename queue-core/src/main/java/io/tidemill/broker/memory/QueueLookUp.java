package io.tidemill.broker.memory;

import io.tidemill.broker.JobSnapshot;
import io.tidemill.queue.QueueCounts;
import io.tidemill.queue.QueueCounts.Count;
import io.tidemill.task.JobState;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What one queue knows of its jobs: the specification of {@link io.tidemill.broker.LookUp} and
 * {@link io.tidemill.broker.Lists}. Guarded by the lock of the queue.
 */
final class QueueLookUp {

    private final MemoryQueue queue;

    QueueLookUp(MemoryQueue queue) {
        this.queue = queue;
    }

    Optional<JobSnapshot> find(String id, boolean watch, @Nullable String receipt) {
        StoredJob job = queue.jobs.get(id);
        if (job != null && !job.state.isFinal()) {
            job.watched |= watch;
        }
        Optional<JobSnapshot> known = known(id);
        return known.isEmpty() && (queue.told.find(id, queue.now) != null || provesSuccess(receipt))
                ? Optional.of(snapshot(id, new MemoryQueue.Ended(JobState.SUCCEEDED, null)))
                : known;
    }

    /** What is kept of a job. */
    Optional<JobSnapshot> known(String id) {
        StoredJob job = queue.jobs.get(id);
        if (job != null) {
            return Optional.of(job.snapshot());
        }
        MemoryQueue.Ended end = queue.ended.find(id, queue.now);
        JobSnapshot whole = queue.kept.find(id, queue.now);
        return whole != null
                ? Optional.of(whole.withResult(end == null ? null : end.result()))
                : Optional.ofNullable(end).map(it -> snapshot(id, it));
    }

    /** The present counts. They say later whether a job that is gone may have gone without having succeeded. */
    String receipt() {
        return String.join(
                ":",
                Long.toString(queue.era),
                Long.toString(queue.operator.removed()),
                Long.toString(queue.cancelled + queue.expired),
                Long.toString(queue.now));
    }

    /** Whether a job that was stored then and is gone can have gone in one way only. */
    private boolean provesSuccess(@Nullable String receipt) {
        if (receipt == null) {
            return false;
        }
        String[] then = receipt.split(":", -1);
        String[] today = receipt().split(":", -1);
        long age = queue.now - Long.parseLong(then[3]);
        // Those that were cancelled or have expired are remembered for some time.
        boolean areRemembered = age >= 0 && age < MemoryQueue.ENDED_KEPT_MILLIS;
        return then[0].equals(today[0]) && then[1].equals(today[1]) && (areRemembered || then[2].equals(today[2]));
    }

    QueueCounts counts() {
        Map<Count, Long> counts = new EnumMap<>(Count.class);
        counts.put(Count.READY, (long) queue.ready.size());
        counts.put(Count.SCHEDULED, (long) queue.delayed.size());
        counts.put(Count.WAITING, (long) queue.unfilled.size());
        counts.put(Count.ACTIVE, (long) queue.leases.jobs().size());
        counts.put(Count.DEAD, (long) queue.dead.size());
        counts.put(Count.ACCEPTED, queue.accepted);
        counts.put(Count.SUCCEEDED, queue.succeeded);
        counts.put(Count.CANCELLED, queue.cancelled);
        counts.put(Count.EXPIRED, queue.expired);
        counts.put(Count.REMOVED, queue.operator.removed());
        counts.put(Count.KEPT, (long) queue.kept.size(queue.now));
        counts.put(Count.HELD, (long) queue.limiter.held());
        return QueueCounts.of(counts);
    }

    List<JobSnapshot> list(JobState state, int offset, int limit) {
        Stream<JobSnapshot> all = state == JobState.SUCCEEDED
                ? queue.kept.inOrder(queue.now).stream()
                : inOrder(state).stream().map(StoredJob::snapshot);
        return all.skip(offset).limit(limit).toList();
    }

    private Collection<StoredJob> inOrder(JobState state) {
        return switch (state) {
            case READY -> queue.ready.inOrder();
            case SCHEDULED -> queue.delayed;
            case ACTIVE -> queue.leases.jobs();
            case DEAD -> queue.dead.descendingSet();
            case WAITING -> queue.unfilled;
            case SUCCEEDED, CANCELLED, EXPIRED ->
                throw new IllegalArgumentException("no place holds jobs that are " + state);
        };
    }

    private static JobSnapshot snapshot(String id, MemoryQueue.Ended end) {
        return JobSnapshot.ended(id, end.state(), end.result());
    }
}
