package io.tidemill.task;

import io.tidemill.text.Durations;
import io.tidemill.text.PrintableText;
import java.time.Duration;

/**
 * Says that of all jobs of a queue with the same key at most one is there at a time, and what becomes of a second one.
 * The first that is stored holds the key; its scope says for how long.
 *
 * <p>Keys belong to the queue, not to the task: put the task's name into the key if two tasks must not meet.
 *
 * <p>Immutable.
 *
 * @param key printable text of 1 to 256 characters
 * @param scope how long the job holds the key
 * @param window how long from when it is due; 1 ms to 10 years for {@link Scope#WINDOW}, else zero
 * @param conflict what becomes of a job whose key is held by another
 */
public record Unique(String key, Scope scope, Duration window, Conflict conflict) {

    /** How long a job holds its key. If it ends without success, the key is free at once. */
    public enum Scope {
        /** Until it has ended, with all its retries. */
        UNTIL_DONE,
        /** Until a worker takes it for the first time. Its retries do not hold the key. */
        UNTIL_STARTED,
        /**
         * For a time from when it is due, and past its success. A job without a delay is due when it is stored. One
         * that is rescheduled to a later time holds its key as much longer; retries and earlier times change nothing.
         */
        WINDOW
    }

    /** What becomes of a job whose key is held by another. Nothing of it is stored, unless it replaces the other. */
    public enum Conflict {
        /** The caller gets the handle of the job that holds the key. */
        RETURN_EXISTING,
        /**
         * A holder that waits to run, for the first time or again, is cancelled and the new job is stored. One that
         * runs stays, and its handle is returned.
         */
        REPLACE,
        /**
         * A holder that is delayed, or waits for another try, becomes due when the new job would have been. Any other
         * stays as it is. Its handle is returned.
         */
        RESCHEDULE,
        /** The caller gets a {@code DuplicateJobException} that names the job that holds the key. */
        REFUSE
    }

    /** Checks the key and the window. */
    public Unique {
        PrintableText.check("unique key", key);
        if (scope == Scope.WINDOW) {
            Durations.checkPositive("the window of unique key " + key, window);
        } else if (!window.isZero()) {
            throw new IllegalArgumentException("only scope WINDOW has a window, got " + window + " for " + scope);
        }
    }

    /** One at a time, until it has ended. */
    public static Unique untilDone(String key) {
        return new Unique(key, Scope.UNTIL_DONE, Duration.ZERO, Conflict.RETURN_EXISTING);
    }

    /** One at a time that has not started. */
    public static Unique untilStarted(String key) {
        return new Unique(key, Scope.UNTIL_STARTED, Duration.ZERO, Conflict.RETURN_EXISTING);
    }

    /** At most one in so long, counted from when it is due. 1 ms to 10 years. */
    public static Unique within(String key, Duration window) {
        return new Unique(key, Scope.WINDOW, window, Conflict.RETURN_EXISTING);
    }

    /** The same, with another answer to a second job. */
    public Unique onConflict(Conflict value) {
        return new Unique(key, scope, window, value);
    }
}
