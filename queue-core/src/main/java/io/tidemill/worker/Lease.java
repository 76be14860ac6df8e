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

    private final QueueConsumer consumer;
    private final String token;
    private final Clock clock;
    private final Map<String, Run> runs;
    private final long sentNanos;
    private volatile long validUntilNanos;
    private volatile boolean lost;

    Lease(QueueConsumer consumer, String token, Clock clock, long sentNanos, long validUntilNanos, int jobs) {
        this.consumer = consumer;
        this.token = token;
        this.clock = clock;
        this.runs = new ConcurrentHashMap<>(jobs);
        this.sentNanos = sentNanos;
        this.validUntilNanos = validUntilNanos;
    }

    QueueConsumer consumer() {
        return consumer;
    }

    String token() {
        return token;
    }

    /** When the broker was asked for it. */
    long sentNanos() {
        return sentNanos;
    }

    void add(Run run) {
        runs.put(run.jobId(), run);
    }

    /** The end of this job is recorded. Returns true if it was the last: then the lease need not be kept. */
    boolean remove(String id) {
        runs.remove(id);
        return runs.isEmpty();
    }

    Collection<Run> runs() {
        return runs.values();
    }

    boolean holds(String id) {
        return runs.containsKey(id);
    }

    /** A cancel of this job was requested. */
    void cancel(String id) {
        Run run = runs.get(id);
        if (run != null) {
            run.cancel();
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
