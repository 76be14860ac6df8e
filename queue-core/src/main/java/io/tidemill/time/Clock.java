package io.tidemill.time;

/**
 * The only source of time. Wall time is for what people read and for the in-memory broker, which is its own server;
 * monotonic time is for every duration and local deadline. Where jobs live in Redis, the clock of Redis is used, and no
 * wall clock of a client decides anything.
 *
 * <p>Thread-safe.
 */
public interface Clock {

    /** Wall time, milliseconds since 1970-01-01T00:00Z. May jump when the machine's clock is set. */
    long millis();

    /** Monotonic time in nanoseconds from an arbitrary origin. Only differences mean something. */
    long nanos();

    /** A new alarm that waits on this clock's monotonic time. */
    Alarm alarm();

    /** The machine's clock. */
    static Clock system() {
        return SystemClock.INSTANCE;
    }
}
