package io.tidemill.broker.memory;

import io.tidemill.broker.JobBrief;
import io.tidemill.broker.RecoverReply;
import io.tidemill.broker.StepEnd;
import io.tidemill.broker.Survey;
import io.tidemill.task.JobState;
import java.util.ArrayList;
import java.util.List;

/** What time brings to one queue. Guarded by the lock of the queue. */
final class QueueSweeper {

    private final MemoryQueue queue;

    QueueSweeper(MemoryQueue queue) {
        this.queue = queue;
    }

    int promote(int limit) {
        int promoted = promoteDue(limit);
        if (queue.ready.unpark(queue.now)) {
            queue.notifications.ready();
        }
        return promoted;
    }

    int promoteDue(int limit) {
        int promoted = 0;
        while (promoted < limit && !queue.delayed.isEmpty() && queue.delayed.first().time <= queue.now) {
            queue.due(queue.delayed.first());
            promoted++;
        }
        return promoted;
    }

    RecoverReply recover(int limit, int maxLostLeases, byte[] failure) {
        List<StoredJob> recovered = new ArrayList<>();
        List<JobBrief> died = new ArrayList<>();
        List<Leases.Lease> over = queue.leases.takeEnded(queue.now, limit);
        List<StoredJob> lost = new ArrayList<>();
        over.forEach(lease -> lost.addAll(lease.jobs()));
        for (StoredJob job : MemoryQueue.byId(lost)) {
            queue.left(job);
            job.lostLeases++;
            if (job.cancelRequested) {
                queue.cancel(job);
            } else if (job.lostLeases > maxLostLeases) {
                queue.die(job, failure);
                died.add(job.brief());
            } else {
                recovered.add(job);
            }
        }
        queue.readyFirst(recovered);
        return new RecoverReply(recovered.stream().map(StoredJob::brief).toList(), died, over.size() == limit);
    }

    List<JobBrief> expire(int limit) {
        List<JobBrief> late = new ArrayList<>();
        while (late.size() < limit && !queue.expiring.isEmpty() && queue.expiring.first().expiresAt <= queue.now) {
            StoredJob job = queue.expiring.first();
            boolean wasReady = job.state == JobState.READY;
            queue.delayed.remove(job);
            queue.unfilled.remove(job);
            queue.workflows.ended(job, StepEnd.EXPIRED);
            queue.expired++;
            queue.letGo(job);
            queue.end(job, JobState.EXPIRED);
            queue.ended.put(
                    job.id, new MemoryQueue.Ended(JobState.EXPIRED, null), queue.now, MemoryQueue.ENDED_KEPT_MILLIS);
            if (wasReady) {
                queue.ready.endedOne();
            }
            late.add(job.brief());
        }
        return late;
    }

    /**
     * The earliest time after now at which time alone brings something: a delayed job is due, a lease has ended, a job
     * has expired, a schedule fires, or a rate lets jobs start. The highest number if nothing waits for time.
     */
    long nextMillis() {
        long next = Long.MAX_VALUE;
        next = later(next, queue.delayed.isEmpty() ? Long.MAX_VALUE : queue.delayed.first().time);
        next = later(next, queue.expiring.isEmpty() ? Long.MAX_VALUE : queue.expiring.first().expiresAt);
        next = later(next, queue.leases.firstDeadline());
        next = later(next, queue.schedules.firstMillis());
        next = later(next, queue.now + queue.ready.moreInMillis(queue.now));
        return queue.ready.hasNext(queue.now) ? later(next, queue.now + queue.limiter.notBefore(0)) : next;
    }

    /** The earlier of both, as far as they are still to come. */
    private long later(long next, long time) {
        return time > queue.now ? Math.min(next, time) : next;
    }

    Survey survey() {
        boolean isDue = (!queue.delayed.isEmpty() && queue.delayed.first().time <= queue.now)
                || (!queue.expiring.isEmpty() && queue.expiring.first().expiresAt <= queue.now)
                || queue.leases.hasEnded(queue.now)
                || queue.ready.moreInMillis(queue.now) == 0
                || queue.ready.waitsForRoom();
        return new Survey(
                !queue.operator.isPaused() && queue.ready.hasNext(queue.now),
                isDue,
                !queue.dead.isEmpty(),
                queue.workflows.hasMessages());
    }
}
