package io.tidemill.redis;

import io.tidemill.broker.Broker;
import io.tidemill.time.Clock;

/**
 * About what time it is at Redis, from the last reply and our monotonic clock; the wall clock of this machine plays no
 * part. Good enough to say until when a request is worth doing, and for nothing else.
 *
 * <p>Thread-safe.
 */
final class ServerClock {

    private static final long UNKNOWN = Broker.NOT_KNOWN;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private volatile long offset = UNKNOWN;

    /** A reply said so. */
    void sawMillis(long serverMillis) {
        offset = serverMillis - Clock.system().nanos() / NANOS_PER_MILLI;
    }

    /** How far it is ahead of our monotonic clock, in ms; only changes of it mean something. */
    long lead() {
        return offset;
    }

    /** The server's time after so many ms; 0 if no reply has told its time yet. */
    long in(long millis) {
        long known = offset;
        return known == UNKNOWN ? 0 : known + Clock.system().nanos() / NANOS_PER_MILLI + millis;
    }
}
