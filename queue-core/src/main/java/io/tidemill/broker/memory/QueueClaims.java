package io.tidemill.broker.memory;

import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.ExtendReply;
import io.tidemill.broker.JobBrief;
import io.tidemill.task.JobState;
import io.tidemill.task.Unique;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Hands out the jobs of one queue, and extends the leases on them. Guarded by the lock of the queue. */
final class QueueClaims {

    private final MemoryQueue queue;
    /** Which claims have come, by worker. */
    final ExpiringMap<String, TakenNumbers> taken = new ExpiringMap<>();

    QueueClaims(MemoryQueue queue) {
        this.queue = queue;
    }

    /** A token is taken once. Afterwards it answers with what it still holds, as the answer may have been lost. */
    ClaimReply claim(ClaimRequest request) {
        if (isTaken(request)) {
            Leases.Lease held = queue.leases.find(request.token());
            return new ClaimReply(held == null ? List.of() : claims(MemoryQueue.byId(held.jobs()), request.token()), 0);
        }
        queue.sweeper.promoteDue(MemoryQueue.PROMOTED_PER_CLAIM);
        return take(request);
    }

    boolean isTaken(ClaimRequest request) {
        TakenNumbers numbers = taken.find(request.worker(), queue.now);
        return queue.leases.find(request.token()) != null
                || (request.number() > 0 && numbers != null && numbers.isTaken(request.number()));
    }

    private void remember(ClaimRequest request) {
        if (request.number() > 0) {
            TakenNumbers known = taken.find(request.worker(), queue.now);
            TakenNumbers numbers = known == null ? new TakenNumbers() : known;
            numbers.take(request.number());
            taken.put(request.worker(), numbers, queue.now, MemoryQueue.TAKEN_KEPT_MILLIS);
        }
    }

    ClaimReply take(ClaimRequest request) {
        remember(request);
        List<JobBrief> late = queue.sweeper.expire(Integer.MAX_VALUE);
        List<StoredJob> batch = List.of();
        if (!queue.operator.isPaused()) {
            batch = queue.ready.take(Math.min(request.limit(), queue.limiter.room()), queue.now);
            batch.forEach(this::start);
            if (!batch.isEmpty()) {
                queue.limiter.started(batch.size());
                queue.leases.add(request.token(), queue.now + request.leaseMillis(), batch);
            }
        }
        return new ClaimReply(claims(batch, request.token()), moreIn(), late);
    }

    private void start(StoredJob job) {
        job.state = JobState.ACTIVE;
        queue.expiring.remove(job);
        Unique unique = job.constraints.unique();
        if (unique != null && unique.scope() == Unique.Scope.UNTIL_STARTED) {
            queue.locks.release(unique.key(), job.id, queue.now);
        }
    }

    List<ExtendReply> extend(List<String> tokens, long leaseMillis) {
        return tokens.stream().map(token -> extend(token, leaseMillis)).toList();
    }

    private ExtendReply extend(String token, long leaseMillis) {
        Leases.Lease lease = queue.leases.find(token);
        if (lease == null) {
            return ExtendReply.ENDED;
        }
        queue.leases.extend(lease, queue.now + leaseMillis);
        Set<String> toCancel = new LinkedHashSet<>();
        for (StoredJob job : lease.jobs()) {
            if (job.cancelRequested) {
                toCancel.add(job.id);
            }
        }
        return toCancel.isEmpty() ? ExtendReply.ALIVE : new ExtendReply(true, toCancel);
    }

    private List<Claim> claims(List<StoredJob> jobs, String token) {
        return jobs.stream().map(job -> job.claim(token, queue.now)).toList();
    }

    private long moreIn() {
        if (queue.operator.isPaused()) {
            // A hint follows when the queue is resumed.
            return ClaimReply.NOTHING_MORE;
        }
        boolean hasNext = queue.ready.hasNext(queue.now);
        long moreIn =
                queue.delayed.isEmpty() ? ClaimReply.NOTHING_MORE : Math.max(0, queue.delayed.first().time - queue.now);
        if (queue.limiter.runRoom() == 0) {
            // A hint follows when a limit has room again. In order it may be a delayed job that has the place.
            return queue.limiter.limits().queue().isInOrder() ? moreIn : ClaimReply.NOTHING_MORE;
        }
        if (hasNext) {
            moreIn = 0;
        } else {
            moreIn = sooner(moreIn, queue.ready.moreInMillis(queue.now));
        }
        return queue.limiter.notBefore(moreIn);
    }

    private static long sooner(long one, long other) {
        if (one == ClaimReply.NOTHING_MORE || other == ClaimReply.NOTHING_MORE) {
            return Math.max(one, other);
        }
        return Math.min(one, other);
    }
}
