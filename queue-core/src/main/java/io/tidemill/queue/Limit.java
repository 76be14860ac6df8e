package io.tidemill.queue;

import io.tidemill.text.Texts;
import java.time.Duration;

/**
 * How many jobs of a queue, or of each of its groups, may start or run, over all workers. Cases may be added in later
 * releases: a {@code switch} over them needs a {@code default} branch.
 *
 * <p>Immutable.
 */
public sealed interface Limit {

    /** Longest interval of a rate. */
    Duration MAX_INTERVAL = Duration.ofDays(1);

    /**
     * So many starts per interval, evenly spaced: with 10 per second one each 100 ms. See {@link Rate#burst}.
     *
     * @param starts 1 to 1,000,000
     * @param interval 1 ms to 1 day
     */
    static Rate rate(int starts, Duration interval) {
        return new Rate(starts, interval, 1);
    }

    /**
     * At most so many that run at once.
     *
     * @param jobs 1 to 100,000; 1 runs them one after the other, see also {@link #inOrder}
     */
    static Concurrency concurrency(int jobs) {
        return new Concurrency(jobs);
    }

    /**
     * One at a time, and none before the one that started before it has ended for good: a job that waits to be tried
     * again holds up those behind it. So do a snooze, a job that its worker gave back, and one whose task no worker
     * knows. Whoever cancels or deletes the job, or runs it now, lets the others go on.
     *
     * <p>Of groups this is their strict order. Of a queue as a whole it holds among jobs of one priority without a
     * group; a job of a higher priority, or of a group, may start when the time of the one that waits has come.
     */
    static Concurrency inOrder() {
        return new Concurrency(1, true);
    }

    /** These limits, and this one in place of one of its kind. */
    Limits in(Limits limits);

    /**
     * How often jobs start. Every claim of a job is a start: retries count, too.
     *
     * @param starts 1 to 1,000,000
     * @param interval 1 ms to 1 day
     * @param burst how many may start at once after a quiet time, 1 to 1,000,000
     */
    record Rate(int starts, Duration interval, int burst) implements Limit {

        private static final int MOST = 1_000_000;

        /** Checks every range. */
        public Rate {
            check("starts of a rate", starts, MOST);
            check("burst of a rate", burst, MOST);
            if (interval.compareTo(Duration.ofMillis(1)) < 0 || interval.compareTo(MAX_INTERVAL) > 0) {
                throw new IllegalArgumentException(
                        "the interval of a rate must be between 1 ms and 1 day, got " + Texts.duration(interval));
            }
        }

        /**
         * The same rate, where so many may start at once after a quiet time. Default 1: no two together. In any
         * interval no more than burst + starts begin.
         *
         * @param value 1 to 1,000,000
         */
        public Rate burst(int value) {
            return new Rate(starts, interval, value);
        }

        @Override
        public Limits in(Limits limits) {
            return new Limits(this, limits.concurrency());
        }
    }

    /**
     * How many run at once.
     *
     * @param jobs 1 to 100,000
     * @param inOrder whether a job that waits to be tried again counts as one that runs, see {@link Limit#inOrder};
     *     only with one job at a time
     */
    record Concurrency(int jobs, boolean inOrder) implements Limit {

        /** Checks the range. */
        public Concurrency {
            check("jobs of a concurrency limit", jobs, 100_000);
            if (inOrder && jobs != 1) {
                throw new IllegalArgumentException("in order means one job at a time, got " + jobs);
            }
        }

        /** Without an order. */
        public Concurrency(int jobs) {
            this(jobs, false);
        }

        @Override
        public Limits in(Limits limits) {
            return new Limits(limits.rate(), this);
        }
    }

    private static void check(String what, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(String.format("%s must be 1 to %,d, got %,d", what, most, value));
        }
    }
}
