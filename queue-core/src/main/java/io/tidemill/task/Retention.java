package io.tidemill.task;

import io.tidemill.text.Durations;
import java.time.Duration;

/**
 * How many dead jobs are kept, and for how long. What is more or older is taken out, oldest first, and counted as
 * removed.
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
