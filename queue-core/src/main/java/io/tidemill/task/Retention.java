package io.tidemill.task;

import io.tidemill.text.Durations;
import java.time.Duration;

/**
 * How many jobs that have ended are kept, and for how long: dead ones, or those that succeeded. What is more or older
 * is taken out, oldest first.
 *
 * @param newest how many at most; 0 or more, default 10,000
 * @param age how long at most; 1 ms to 10 years, default 30 days
 */
public record Retention(long newest, Duration age) {

    /** The newest 10,000, for 30 days. */
    public static final Retention DEFAULT = new Retention(10_000, Duration.ofDays(30));

    /** Checks the ranges. */
    public Retention {
        if (newest < 0) {
            throw new IllegalArgumentException("newest must be 0 or more, got " + newest);
        }
        Durations.checkPositive("age", age);
    }
}
