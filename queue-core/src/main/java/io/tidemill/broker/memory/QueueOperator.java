package io.tidemill.broker.memory;

import io.tidemill.broker.Broker;
import io.tidemill.broker.DeleteReply;
import io.tidemill.broker.EraseReply;
import io.tidemill.broker.Inspection;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.LeaseSnapshot;
import io.tidemill.broker.PurgeReply;
import io.tidemill.broker.Redrive;
import io.tidemill.broker.RedriveReply;
import io.tidemill.broker.Reschedule;
import io.tidemill.broker.StepEnd;
import io.tidemill.broker.WorkerSnapshot;
import io.tidemill.queue.RescheduleReply;
import io.tidemill.task.JobState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What operators do to one queue: the specification of {@link io.tidemill.broker.Operations}. Guarded by the lock of
 * the queue.
 */
final class QueueOperator {

    private final MemoryQueue queue;
    private final ExpiringMap<String, WorkerSnapshot> workers = new ExpiringMap<>();
    private boolean paused;
    private long removed;

    QueueOperator(MemoryQueue queue) {
        this.queue = queue;
    }

    boolean isPaused() {
        return paused;
    }

    /** How many jobs were ever taken out. */
    long removed() {
        return removed;
    }

    boolean pause() {
        boolean changes = !paused;
        paused = true;
        return changes;
    }

    boolean resume() {
        boolean changes = paused;
        paused = false;
        queue.notifications.ready();
        return changes;
    }

    List<RedriveReply> redrive(List<Redrive> jobs) {
        return jobs.stream().map(this::redrive).toList();
    }

    private RedriveReply redrive(Redrive redrive) {
        StoredJob job = queue.jobs.get(redrive.id());
        if (job == null || !queue.dead.contains(job)) {
            return RedriveReply.NOT_DEAD;
        }
        if (!queue.holdAgain(job)) {
            return RedriveReply.KEY_HELD;
        }
        queue.dead.remove(job);
        job.failures = 0;
        job.lostLeases = 0;
        job.releases = 1;
        job.time = 0;
        if (redrive.delayMillis() > 0) {
            queue.schedule(job, queue.now + redrive.delayMillis());
        } else {
            queue.readyLast(job);
        }
        return RedriveReply.REDRIVEN;
    }

    RescheduleReply reschedule(Reschedule wanted) {
        StoredJob job = queue.jobs.get(wanted.id());
        if (job == null || job.state == JobState.DEAD) {
            return RescheduleReply.NOT_FOUND;
        }
        if (job.state != JobState.SCHEDULED || (wanted.body() != null && job.hasStarted())) {
            return RescheduleReply.TOO_LATE;
        }
        if (wanted.body() != null) {
            job.body = wanted.body();
        }
        long due = Math.max(queue.now + wanted.delayMillis(), wanted.dueMillis());
        if (due > queue.now) {
            queue.reschedule(job, due);
        } else {
            queue.due(job);
        }
        return RescheduleReply.RESCHEDULED;
    }

    DeleteReply delete(String id) {
        StoredJob job = queue.jobs.get(id);
        if (job == null) {
            if (!queue.kept.remove(id, queue.now)) {
                return DeleteReply.NOT_FOUND;
            }
            queue.ended.remove(id);
            return DeleteReply.DELETED;
        }
        if (job.state == JobState.ACTIVE) {
            return DeleteReply.ACTIVE;
        }
        boolean wasReady = job.state == JobState.READY;
        queue.dead.remove(job);
        queue.removeDelayed(job);
        takeOut(job);
        if (wasReady) {
            queue.ready.endedOne();
        }
        return DeleteReply.DELETED;
    }

    PurgeReply purge(JobState state, int limit) {
        if (state == JobState.SUCCEEDED) {
            int forgotten = forgetKept(limit);
            return new PurgeReply(forgotten, queue.kept.size(queue.now) > 0);
        }
        Collection<StoredJob> place = switch (state) {
            case SCHEDULED -> queue.delayed;
            case WAITING -> queue.unfilled;
            case DEAD -> queue.dead;
            default -> List.of();
        };
        List<StoredJob> out = state == JobState.READY ? queue.ready.takeOut(limit) : first(place, limit);
        out.forEach(queue.limiter::unblock);
        out.forEach(this::takeOut);
        return new PurgeReply(out.size(), state == JobState.READY ? queue.ready.size() > 0 : !place.isEmpty());
    }

    /** Kept jobs go with their results. Returns how many went. */
    private int forgetKept(int limit) {
        List<String> forgotten = queue.kept.removeFirst(limit, queue.now);
        forgotten.forEach(queue.ended::remove);
        return forgotten.size();
    }

    int trim(long keep, long maxAgeMillis, int limit) {
        int trimmed = 0;
        Iterator<StoredJob> oldest = queue.dead.iterator();
        while (trimmed < limit && oldest.hasNext()) {
            StoredJob job = oldest.next();
            if (queue.dead.size() <= keep && job.time > queue.now - maxAgeMillis) {
                break;
            }
            oldest.remove();
            takeOut(job);
            trimmed++;
        }
        return trimmed;
    }

    EraseReply erase(boolean running) {
        if (!workers().isEmpty()) {
            return EraseReply.HAS_WORKERS;
        }
        if (queue.schedules.count() > 0) {
            return EraseReply.HAS_SCHEDULES;
        }
        boolean runs = queue.leases.size() > 0;
        if (queue.ready.size() > 0
                || !queue.delayed.isEmpty()
                || !queue.unfilled.isEmpty()
                || !queue.dead.isEmpty()
                || ((runs || queue.workflows.isNeeded()) && !running)) {
            return EraseReply.HAS_JOBS;
        }
        if (runs) {
            queue.takeLeases(Broker.MAX_BATCH).forEach(this::takeOut);
            return EraseReply.MORE;
        }
        forgetKept(Broker.MAX_BATCH);
        if (queue.kept.size(queue.now) > 0) {
            return EraseReply.MORE;
        }
        queue.beginAnew();
        paused = false;
        removed = 0;
        return EraseReply.ERASED;
    }

    Optional<Inspection> inspect(String id) {
        return queue.lookUp.known(id).map(job -> inspection(job, queue.jobs.get(id)));
    }

    private Inspection inspection(JobSnapshot seen, @Nullable StoredJob job) {
        int ahead = 0;
        if (seen.state() == JobState.READY) {
            ahead = Math.min(Inspection.MOST_AHEAD, queue.ready.inOrder().indexOf(job));
        }
        for (Leases.Lease lease : queue.leases.inOrder()) {
            if (job != null && lease.jobs().contains(job)) {
                return new Inspection(seen, lease.token, lease.deadline(), paused, ahead, null);
            }
        }
        return new Inspection(
                seen,
                null,
                0,
                paused,
                ahead,
                job != null && job.state == JobState.READY ? queue.limiter.limitOn(job) : null,
                job != null && job.waitsForPlaces() && job.places != null ? job.places.waits() : null);
    }

    List<LeaseSnapshot> leases(int limit) {
        return queue.leases.inOrder().stream()
                .limit(limit)
                .map(lease -> new LeaseSnapshot(
                        lease.token,
                        lease.deadline(),
                        lease.jobs().stream().map(job -> job.id).toList()))
                .toList();
    }

    /** Returns whether a command waits for it. */
    boolean register(String worker, byte[] info, long ttlMillis) {
        workers.put(worker, new WorkerSnapshot(worker, queue.now, info), queue.now, ttlMillis);
        return ttlMillis > 0 && queue.commands.isWaiting(worker);
    }

    boolean isServedBy(String worker) {
        return workers.find(worker, queue.now) != null;
    }

    List<WorkerSnapshot> workers() {
        return workers.values(queue.now);
    }

    boolean isBlank() {
        return !paused && workers.isEmpty(queue.now);
    }

    boolean isUsed() {
        return queue.lookUp.counts().accepted() > 0 || !workers().isEmpty();
    }

    private static List<StoredJob> first(Collection<StoredJob> place, int limit) {
        List<StoredJob> out = new ArrayList<>();
        for (Iterator<StoredJob> each = place.iterator(); each.hasNext() && out.size() < limit; ) {
            out.add(each.next());
            each.remove();
        }
        return out;
    }

    /** Forgets a job that is in no place any more. */
    private void takeOut(StoredJob job) {
        removed++;
        queue.workflows.ended(job, StepEnd.REMOVED);
        queue.letGo(job);
        // Also what a ready job's line knows it by: it stands there until the front, and is not handed out.
        queue.end(job, JobState.CANCELLED);
    }
}
