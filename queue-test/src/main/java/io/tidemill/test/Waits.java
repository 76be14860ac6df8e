package io.tidemill.test;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Waits for a condition that nobody announces, at most 60 s. Where there is an event or a latch, wait for that instead.
 */
public final class Waits {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long PAUSE_NANOS = Duration.ofMillis(2).toNanos();

    private Waits() {}

    /**
     * Waits until the condition holds.
     *
     * @param what what is waited for, for the error
     * @throws AssertionError if it does not come to hold, or if the thread is interrupted, which stays so
     */
    public static void until(String what, BooleanSupplier condition) {
        Objects.requireNonNull(condition, "condition must not be null");
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            // Before the condition is looked at: that may be the interrupt itself.
            boolean isInterrupted = Thread.currentThread().isInterrupted();
            if (condition.getAsBoolean()) {
                return;
            }
            if (isInterrupted) {
                throw new AssertionError("interrupted while waiting until " + what);
            }
            if (deadline - System.nanoTime() < 0) {
                throw new AssertionError("waited " + PATIENCE + " in vain until " + what);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
