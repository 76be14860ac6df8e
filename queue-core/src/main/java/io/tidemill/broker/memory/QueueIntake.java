package io.tidemill.broker.memory;

import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.ScheduleStep;
import io.tidemill.broker.WorkflowJob;
import io.tidemill.queue.CancelReply;
import io.tidemill.task.JobState;
import io.tidemill.task.Unique;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Stores the jobs of one queue, and cancels them while they wait. Guarded by the lock of the queue. */
final class QueueIntake {

    private final MemoryQueue queue;
    /** Jobs of the enqueue that runs which may run at once. */
    private final Set<StoredJob> arriving = new LinkedHashSet<>();

    QueueIntake(MemoryQueue queue) {
        this.queue = queue;
    }

    /** One after the other; those that may run go to their lines when it is settled which of them stay. */
    List<EnqueueReply> enqueue(List<NewJob> newJobs) {
        // As things stood before: of two jobs of one call the second may replace the first.
        String receipt = queue.lookUp.receipt();
        List<EnqueueReply> replies = newJobs.stream()
                .map(this::enqueue)
                .map(reply -> reply.withReceipt(receipt))
                .toList();
        arriving.forEach(queue::readyLast);
        arriving.clear();
        return replies;
    }

    private EnqueueReply enqueue(NewJob newJob) {
        ScheduleStep step = newJob.constraints().step();
        return step == null
                ? take(newJob)
                : switch (queue.schedules.step(step)) {
                    case NOW -> take(newJob.with(newJob.constraints().withStep(null)));
                    case BEFORE -> new EnqueueReply.Duplicate(newJob.id());
                    case NOT -> new EnqueueReply.Superseded(newJob.id());
                };
    }

    private EnqueueReply take(NewJob newJob) {
        if (isKnown(newJob.id())) {
            return new EnqueueReply.Duplicate(newJob.id());
        }
        StoredJob job = new StoredJob(newJob, queue.now);
        long due = Math.min(Math.max(queue.now + newJob.delayMillis(), newJob.dueMillis()), job.latest);
        Unique unique = job.constraints.unique();
        String holder = unique == null ? null : queue.locks.holder(unique.key(), queue.now);
        if (unique == null || holder == null) {
            store(job, due);
            return EnqueueReply.ACCEPTED;
        }
        return conflict(job, unique, holder, due);
    }

    /** Stores a job of a workflow, which has no key. It may run at once, or waits. */
    EnqueueReply store(WorkflowJob newJob) {
        if (isKnown(newJob.job().id())) {
            return new EnqueueReply.Duplicate(newJob.job().id());
        }
        StoredJob job = new StoredJob(newJob, queue.now);
        long due = Math.max(queue.now + newJob.job().delayMillis(), newJob.job().dueMillis());
        store(job, due);
        if (arriving.remove(job)) {
            if (newJob.hasPlaces()) {
                queue.await(job);
            } else {
                queue.readyLast(job);
            }
        }
        return EnqueueReply.ACCEPTED;
    }

    private boolean isKnown(String id) {
        return queue.jobs.containsKey(id)
                || queue.ended.find(id, queue.now) != null
                || queue.kept.find(id, queue.now) != null;
    }

    private void store(StoredJob job, long due) {
        queue.accepted++;
        queue.jobs.put(job.id, job);
        queue.told.remove(job.id);
        if (job.constraints.unique() != null) {
            queue.locks.take(job.constraints.unique(), job.id, queue.now, Math.max(0, due - queue.now));
        }
        if (job.expiresAt > 0) {
            queue.expiring.add(job);
        }
        if (due > queue.now) {
            queue.schedule(job, due);
        } else {
            arriving.add(job);
        }
    }

    /**
     * What becomes of a job that is due then and whose key another holds. A holder that is not there has succeeded; the
     * job that has its id now does not name the key.
     */
    private EnqueueReply conflict(StoredJob job, Unique wanted, String holder, long wantedDue) {
        StoredJob existing = queue.jobs.get(holder);
        if (existing == null || !existing.names(wanted.key())) {
            return new EnqueueReply.Duplicate(holder);
        }
        if (job.isOlderThan(existing)) {
            return new EnqueueReply.Outdated(holder);
        }
        long due = Math.max(queue.now, Math.min(wantedDue, existing.latest));
        boolean isScheduled = existing.state == JobState.SCHEDULED;
        if (wanted.conflict() == Unique.Conflict.REPLACE && existing.isWaiting()) {
            drop(existing);
            job.latest = existing.latest == Long.MAX_VALUE ? job.latest : existing.latest;
            store(job, due);
            return new EnqueueReply.Accepted(holder);
        }
        if (wanted.conflict() == Unique.Conflict.RESCHEDULE && isScheduled) {
            queue.reschedule(existing, due);
            return new EnqueueReply.Rescheduled(holder);
        }
        if (wanted.conflict() == Unique.Conflict.UPDATE && !existing.hasStarted()) {
            existing.update(job);
            if (isScheduled) {
                queue.reschedule(existing, due);
            }
            return new EnqueueReply.Updated(holder);
        }
        return new EnqueueReply.Duplicate(holder);
    }

    CancelReply cancel(String id) {
        StoredJob job = queue.jobs.get(id);
        if (job == null || job.state == JobState.DEAD) {
            return CancelReply.NOT_FOUND;
        }
        if (job.state == JobState.ACTIVE) {
            job.cancelRequested = true;
            queue.notifications.cancelRequested(id);
            return CancelReply.REQUESTED;
        }
        drop(job);
        return CancelReply.CANCELLED;
    }

    /** Cancels a job that waits to run. */
    private void drop(StoredJob job) {
        boolean wasReady = job.state == JobState.READY && !arriving.remove(job);
        queue.removeDelayed(job);
        queue.cancel(job);
        if (wasReady) {
            queue.ready.endedOne();
        }
    }
}
