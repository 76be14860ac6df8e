package io.tidemill.broker.memory;

import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.Inspection;
import io.tidemill.queue.Limit;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.Limits;
import io.tidemill.queue.QueueLimits;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What limits one queue and its groups. Guarded by the lock of the queue. */
final class QueueLimiter {

    private final MemoryQueue queue;
    private QueueLimits limits = QueueLimits.NONE;
    /** Ids of delayed jobs that none may overtake, as they keep the places that they had while they ran. */
    private final Set<String> blocking = new HashSet<>();
    /** Those of them that keep a place of the queue as a whole. */
    private final Set<String> places = new HashSet<>();
    /** When the queue as a whole may start its next job. */
    private RateLimiter pace = new RateLimiter();

    QueueLimiter(MemoryQueue queue) {
        this.queue = queue;
    }

    /** So many jobs start now. */
    void started(int jobs) {
        if (limits.queue().rate() != null) {
            pace.start(limits.queue().rate(), jobs, queue.now);
        }
    }

    /** As if nothing had ever limited it. */
    void reset() {
        limits = QueueLimits.NONE;
        pace = new RateLimiter();
        blocking.clear();
        places.clear();
    }

    /** A job left its lease and waits for its time: it keeps its places in what runs in order. */
    void leftToWait(StoredJob job) {
        String group = job.constraints.group();
        boolean keepsGroup = group != null && limits.of(group).isInOrder();
        boolean keepsPlace = limits.queue().isInOrder();
        if (keepsGroup || keepsPlace) {
            blocking.add(job.id);
        }
        if (keepsPlace) {
            places.add(job.id);
        }
        boolean isGroupFree = !keepsGroup && queue.ready.left(job);
        if (isGroupFree || (!keepsPlace && limits.queue().concurrency() != null)) {
            queue.notifications.ready();
        }
    }

    /** A job is delayed no more. Returns whether none was to overtake it; then it gives its places back. */
    boolean unblock(StoredJob job) {
        if (!blocking.remove(job.id)) {
            return false;
        }
        places.remove(job.id);
        queue.ready.left(job);
        queue.notifications.ready();
        return true;
    }

    /** Whether the line of a job runs in order. */
    boolean isInOrder(StoredJob job) {
        String group = job.constraints.group();
        return limits.queue().isInOrder() || (group != null && limits.of(group).isInOrder());
    }

    /** No sooner than this, in ms, if the rate of the queue as a whole says so. */
    long notBefore(long moreIn) {
        Limit.Rate rate = limits.queue().rate();
        return rate == null || moreIn == ClaimReply.NOTHING_MORE
                ? moreIn
                : Math.max(moreIn, pace.waitMillis(rate, queue.now));
    }

    /** How many jobs the limits of the queue as a whole let a claim take. */
    int room() {
        return Math.min(runRoom(), startRoom());
    }

    int runRoom() {
        Limit.Concurrency most = limits.queue().concurrency();
        return most == null ? Integer.MAX_VALUE : Math.max(0, most.jobs() - queue.leases.size() - places.size());
    }

    private int startRoom() {
        Limit.Rate rate = limits.queue().rate();
        return rate == null ? Integer.MAX_VALUE : pace.room(rate, queue.now);
    }

    /** How many ready jobs limits hold back: all while one of the queue is reached, else those of groups that wait. */
    int held() {
        Limit.Rate rate = limits.queue().rate();
        boolean isReached = runRoom() == 0 || (rate != null && pace.waitMillis(rate, queue.now) > 0);
        return isReached ? queue.ready.size() : Math.min(queue.ready.held(queue.now), queue.ready.size());
    }

    @Nullable
    Void limit(LimitScope scope, @Nullable Limits value) {
        QueueLimits before = limits;
        limits = limits.with(scope, value);
        if (limits.queue().concurrency() == null) {
            places.clear();
        }
        if (!limits.equals(before)) {
            queue.ready.limitsChanged(scope.match(() -> group -> false, () -> group -> true, name -> name::equals));
            queue.notifications.ready();
        }
        return null;
    }

    QueueLimits limits() {
        return limits;
    }

    Limits limitsOf(String group) {
        return limits.of(group);
    }

    /** What holds a ready job up: a limit of its group, or of the queue; null if none does. */
    Inspection.@Nullable HeldUp limitOn(StoredJob job) {
        String group = job.constraints.group();
        long until = group == null ? queue.now : queue.ready.servableAt(group, queue.now);
        if (group != null && until == Group.UNTIL_ROOM) {
            return behind(group, queue.ready.onlyHolder(group));
        }
        if (until > queue.now) {
            return new Inspection.HeldUp(group, until);
        }
        if (runRoom() == 0) {
            boolean isOne = places.size() == 1 && queue.leases.size() == 0;
            return behind(null, isOne ? places.iterator().next() : null);
        }
        Limit.Rate rate = limits.queue().rate();
        long wait = rate == null ? 0 : pace.waitMillis(rate, queue.now);
        return wait > 0 ? new Inspection.HeldUp(null, queue.now + wait) : null;
    }

    /** Behind this job, if it is delayed; else behind some that run. */
    private Inspection.HeldUp behind(@Nullable String group, @Nullable String holder) {
        StoredJob job = holder == null ? null : queue.jobs.get(holder);
        return job != null && queue.delayed.contains(job)
                ? new Inspection.HeldUp(group, job.time, job.id)
                : new Inspection.HeldUp(group, 0);
    }
}
