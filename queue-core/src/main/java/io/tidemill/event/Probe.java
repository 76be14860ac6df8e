package io.tidemill.event;

import java.time.Duration;

/**
 * Receives measurements of one {@code TaskQueue}: how long the broker took, how large batches were, how many slots are
 * in use, whether a loop is late. What happens to a single job is a {@link QueueEvent}.
 *
 * <p>Without a probe nothing is measured.
 *
 * <p>Called on the threads of the broker, several at once: be thread-safe and quick, never block. What a probe throws
 * is logged and goes no further. All methods do nothing unless they are overridden.
 */
public interface Probe {

    /** A request to the broker was answered, or failed. */
    default void answered(Hop hop) {}

    /** A script was executed by the server of the broker, or failed. Only of brokers that work with scripts. */
    default void executed(Script script) {}

    /** There is a value that can be read from now on, until the queue is closed. Called at the start of the queue. */
    default void gauge(Gauge gauge) {}

    /**
     * One request to the broker. Implemented by Tidemill; methods may be added.
     *
     * <p>Immutable.
     */
    interface Hop {

        /** The method of the broker, such as {@code enqueue}, {@code claim} or {@code complete}. */
        String name();

        /** The queue; empty if the request was about several. */
        String queue();

        /**
         * How large it was: jobs that were to be stored or recorded, slots that were to be filled by a {@code claim},
         * leases that were to be extended, queues that were surveyed; for {@code expire}, {@code promote} and
         * {@code recover} the jobs that were found.
         */
        int size();

        /** From the request to its answer. */
        Duration took();

        /** Whether there was no answer, or the broker refused it. */
        boolean hasFailed();
    }

    /**
     * One script that was sent to the server of the broker. A {@link Hop} is one of them, or several, with the waits in
     * between: for a connection, for a turn, before another attempt. Implemented by Tidemill; methods may be added.
     *
     * <p>Immutable.
     */
    interface Script {

        /** Which script, such as {@code claim}: one of a few dozen names. */
        String name();

        /** From when it was sent to its reply. */
        Duration took();

        /** Whether there was no reply, or it was an error. */
        boolean hasFailed();
    }

    /**
     * A value that changes. Implemented by Tidemill; methods may be added.
     *
     * <p>Thread-safe; cheap to read.
     */
    interface Gauge {

        /**
         * What it measures: {@code slots.used} and {@code slots.total} are numbers of jobs; {@code loop.late} is for
         * how long a round of a loop is overdue, in ms; 0 while the loop waits for its next round.
         */
        String name();

        /** Whose value it is: the id of the worker, or the name of the loop's thread. */
        String owner();

        /** The value now. */
        long value();
    }
}
