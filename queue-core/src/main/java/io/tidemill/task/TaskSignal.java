package io.tidemill.task;

import io.tidemill.text.Durations;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a task method may throw to say something other than "I failed". Carries no stack trace.
 *
 * <pre>{@code
 * throw new TaskSignal.Snooze(Duration.ofMinutes(5));      // not now; costs no attempt
 * throw new TaskSignal.Cancel("order was withdrawn");      // never mind; ends as cancelled
 * throw new TaskSignal.RetryAfter(Duration.ofSeconds(60), cause);  // failed; run again after this time
 * throw new TaskSignal.GiveUp(cause);                              // failed; do not run again
 * }</pre>
 *
 * <p>Cases may be added in later releases: a {@code switch} over them needs a {@code default} branch.
 */
public abstract sealed class TaskSignal extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private TaskSignal(String message, @Nullable Throwable cause) {
        super(message, cause, false, false);
    }

    /** Run the job again later. Not a failure: no attempt of its retry policy is spent. */
    public static final class Snooze extends TaskSignal {

        private static final long serialVersionUID = 1L;

        private final Duration delay;

        /**
         * Asks to run again later.
         *
         * @param delay how long to wait, 0 to 10 years
         */
        public Snooze(Duration delay) {
            super("snooze for " + delay, null);
            this.delay = Durations.check("snooze", delay);
        }

        /** How long to wait. */
        public Duration delay() {
            return delay;
        }
    }

    /** End the job as cancelled: there is nothing to do any more, and nothing failed. */
    public static final class Cancel extends TaskSignal {

        private static final long serialVersionUID = 1L;

        /**
         * Asks to end as cancelled.
         *
         * @param reason why, for the operator
         */
        public Cancel(String reason) {
            super(reason, null);
        }
    }

    /** The run failed, and the job is to run again after this time instead of the policy's, while attempts are left. */
    public static final class RetryAfter extends TaskSignal {

        private static final long serialVersionUID = 1L;

        private final Duration delay;

        /**
         * Fails this run.
         *
         * @param delay how long to wait before the next, 0 to 10 years
         */
        public RetryAfter(Duration delay) {
            super("retry after " + delay, null);
            this.delay = Durations.check("retryAfter", delay);
        }

        /**
         * Fails this run.
         *
         * @param delay how long to wait before the next, 0 to 10 years
         * @param cause what went wrong; kept as the job's failure
         */
        public RetryAfter(Duration delay, Throwable cause) {
            super("retry after " + delay, cause);
            this.delay = Durations.check("retryAfter", delay);
        }

        /** How long to wait before the next run. */
        public Duration delay() {
            return delay;
        }
    }

    /** The run failed and another one would not help: the job is dead at once, whatever its retry policy says. */
    public static final class GiveUp extends TaskSignal {

        private static final long serialVersionUID = 1L;

        /**
         * Fails this run and the job with it.
         *
         * @param reason why, for the operator; kept as the job's failure
         */
        public GiveUp(String reason) {
            super(reason, null);
        }

        /**
         * Fails this run and the job with it.
         *
         * @param cause what went wrong; kept as the job's failure
         */
        public GiveUp(Throwable cause) {
            super("give up", cause);
        }
    }
}
