package io.tidemill;

import java.time.Duration;

/**
 * Work that an {@link Extension} does again and again on a thread of its own: see {@link Extension.Parts#background}.
 * The thread is a daemon and waits by the clock of the queue. It cannot die: a round that throws is logged and done
 * again after a second.
 *
 * <p>{@link TaskQueue#health} judges it by two checks while it runs: how long ago the work was {@link #done}, and
 * whether its rounds go on, as of every thread of the queue.
 *
 * <p>Implemented by Tidemill. Thread-safe.
 */
public interface Background {

    /** One round. */
    @FunctionalInterface
    interface Round {

        /**
         * Does one round. It may wait for answers of the broker, but a round that takes more than 30 s counts as stuck.
         *
         * @return the longest wait before the next round; zero or less for none
         */
        Duration run() throws Exception;
    }

    /** Begins. A second call does nothing. */
    void start();

    /** Lets the next round begin at once. */
    void wake();

    /**
     * The work was done now: health counts from here. A round that could not do it, as in an outage, does not call it.
     */
    void done();

    /** Lets the round that runs end, and waits for it. A second call does nothing. */
    void stop();
}
