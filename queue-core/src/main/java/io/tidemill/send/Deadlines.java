package io.tidemill.send;

import io.tidemill.task.JobOptions;
import io.tidemill.task.TaskContext;
import io.tidemill.text.Texts;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The deadline that a call takes over from the run in which it is made. */
final class Deadlines {

    private static final Duration SHORTEST = Duration.ofMillis(1);

    private Deadlines() {}

    /**
     * How long the job may take from now on; null if the call does not ask for it, or no run with a deadline makes it.
     *
     * @param nowMillis what the clock of this process says, for a job that is due at an instant
     * @throws IllegalArgumentException if the job would be due when that is over
     */
    static @Nullable Duration left(JobOptions options, long nowMillis) {
        if (!options.run().inheritsDeadline()) {
            return null;
        }
        Duration left = TaskContext.find().flatMap(TaskContext::remaining).orElse(null);
        Instant at = options.start().at();
        Duration delay = at == null ? options.start().delay() : Duration.between(Instant.ofEpochMilli(nowMillis), at);
        if (left != null && delay != null && delay.compareTo(left) >= 0) {
            throw new IllegalArgumentException("a job "
                    + (at == null ? "with a delay of " + Texts.duration(delay) : "that is due at " + at)
                    + " never runs within the deadline that it inherits, of which " + Texts.duration(left)
                    + " are left; leave out inheritDeadline() or "
                    + (at == null ? "the delay" : "the time"));
        }
        return left == null || left.compareTo(SHORTEST) >= 0 ? left : SHORTEST;
    }

    /** When it is too late to start, in ms from now; 0 for never. */
    static long expiresInMillis(@Nullable Duration expiresIn, @Nullable Duration left) {
        if (expiresIn == null || left == null) {
            Duration only = expiresIn == null ? left : expiresIn;
            return only == null ? 0 : only.toMillis();
        }
        return Math.min(expiresIn.toMillis(), left.toMillis());
    }
}
