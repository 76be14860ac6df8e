package io.tidemill.worker;

import io.tidemill.time.Clock;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The time-limited right to the jobs of one claim, as this worker knows it. It is believed only until a deadline of
 * this machine's monotonic clock, counted from before the broker was asked; the broker's own deadline is later than
 * that.
 *
 * <p>Thread-safe.
 */
final class Lease {

    private final Lane lane;
    private final String token;
    private final Clock clock;
    private final Map<String, Attempt> attempts;
    private final long sentNanos;
    private volatile long validUntilNanos;
    private volatile boolean lost;

    Lease(Lane lane, String token, Clock clock, long sentNanos, long validUntilNanos, int jobs) {
        this.lane = lane;
        this.token = token;
        this.clock = clock;
        this.attempts = new ConcurrentHashMap<>(jobs);
        this.sentNanos = sentNanos;
        this.validUntilNanos = validUntilNanos;
    }

    Lane lane() {
        return lane;
    }

    String token() {
        return token;
    }

    /** When the broker was asked for it. */
    long sentNanos() {
        return sentNanos;
    }

    void add(Attempt attempt) {
        attempts.put(attempt.jobId(), attempt);
    }

    /** The job is settled. Returns true if it was the last: then the lease needs no more care. */
    boolean settle(String id) {
        attempts.remove(id);
        return attempts.isEmpty();
    }

    Collection<Attempt> attempts() {
        return attempts.values();
    }

    boolean holds(String id) {
        return attempts.containsKey(id);
    }

    /** Somebody asked for a job under this lease to be cancelled. */
    void cancel(String id) {
        Attempt attempt = attempts.get(id);
        if (attempt != null) {
            attempt.cancel();
        }
    }

    /** Answers may come in another order than their renewals were sent; the latest date counts. */
    void extendedUntil(long nanos) {
        if (nanos - validUntilNanos > 0) {
            validUntilNanos = nanos;
        }
    }

    void lost() {
        lost = true;
    }

    boolean isLost() {
        return lost;
    }

    boolean isValid() {
        return !lost && validUntilNanos - clock.nanos() > 0;
    }
}
