package io.tidemill.time;

/**
 * A wake-up call that is never missed: a ring that comes while nobody waits is kept for the next {@link #await}. Many
 * rings before one {@code await} count as one.
 *
 * <p>Thread-safe. At most one thread should wait on an alarm at a time.
 */
public interface Alarm {

    /** Waits for ever: the largest wait that {@link #await} takes. */
    long FOREVER = Long.MAX_VALUE;

    /** Wakes the waiting thread, or lets the next {@link #await} return at once. */
    void ring();

    /**
     * Waits until the alarm rings or the time is over, and takes the ring.
     *
     * @param nanos the longest wait in nanoseconds; zero or less only looks
     * @return true if it rang, false if the time was over
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    boolean await(long nanos) throws InterruptedException;
}
