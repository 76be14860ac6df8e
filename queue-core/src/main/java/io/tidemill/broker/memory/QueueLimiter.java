package io.tidemill.broker.memory;

import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.Inspection;
import io.tidemill.queue.Limit;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.Limits;
import io.tidemill.queue.QueueLimits;
import org.jspecify.annotations.Nullable;

/** What limits one queue and its groups. Guarded by the lock of the queue. */
final class QueueLimiter {

    private final MemoryQueue queue;
    private QueueLimits limits = QueueLimits.NONE;
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
        return most == null ? Integer.MAX_VALUE : Math.max(0, most.jobs() - queue.leases.size());
    }

    private int startRoom() {
        Limit.Rate rate = limits.queue().rate();
        return rate == null ? Integer.MAX_VALUE : pace.room(rate, queue.now);
    }

    @Nullable
    Void limit(LimitScope scope, @Nullable Limits value) {
        QueueLimits before = limits;
        limits = limits.with(scope, value);
        if (!limits.equals(before)) {
            if (scope instanceof LimitScope.Group group) {
                queue.ready.limitChanged(group.name());
            } else if (scope instanceof LimitScope.Groups) {
                queue.ready.limitsChanged();
            }
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
        if (until > queue.now) {
            return new Inspection.HeldUp(group, until == Group.UNTIL_ROOM ? 0 : until);
        }
        if (runRoom() == 0) {
            return new Inspection.HeldUp(null, 0);
        }
        Limit.Rate rate = limits.queue().rate();
        long wait = rate == null ? 0 : pace.waitMillis(rate, queue.now);
        return wait > 0 ? new Inspection.HeldUp(null, queue.now + wait) : null;
    }
}
