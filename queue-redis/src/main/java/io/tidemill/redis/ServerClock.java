package io.tidemill.redis;

import io.tidemill.broker.Sweeps;
import io.tidemill.time.Clock;

/**
 * About what time it is at Redis, from its replies and our monotonic clock; the wall clock of this machine plays no
 * part. Precise enough for the deadline of a request, and used for nothing else.
 *
 * <p>Thread-safe.
 */
final class ServerClock {

    private static final long UNKNOWN = Sweeps.NOT_KNOWN;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final Clock clock;
    private volatile long offset = UNKNOWN;

    ServerClock() {
        this(Clock.system());
    }

    ServerClock(Clock clock) {
        this.clock = clock;
    }

    /**
     * A reply to what was sent then said so. The server said it at some time between then and now, and what was known
     * before stays as long as it agrees with that: an answer that took longer is less precise and changes nothing.
     *
     * @param sentNanos on our monotonic clock
     */
    void sawMillis(long serverMillis, long sentNanos) {
        long least = serverMillis - millis(clock.nanos());
        long most = serverMillis - millis(sentNanos);
        long known = offset;
        offset = known == UNKNOWN ? least : Math.max(least, Math.min(most, known));
    }

    private static long millis(long nanos) {
        return Math.floorDiv(nanos, NANOS_PER_MILLI);
    }

    /** How far it is ahead of our monotonic clock, in ms; only changes of it mean something. */
    long lead() {
        return offset;
    }

    /** The server's time after so many ms; 0 if no reply has had its time yet. */
    long in(long millis) {
        long known = offset;
        return known == UNKNOWN ? 0 : known + millis(clock.nanos()) + millis;
    }
}
