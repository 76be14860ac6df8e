package io.tidemill.broker;

import java.time.Duration;

/** Listens until it is closed. Closing twice is fine. Thread-safe. */
@FunctionalInterface
public interface Subscription extends AutoCloseable {

    /** How often a broker whose hints may get lost on the way makes sure that they arrive. */
    Duration LISTEN_PERIOD = Duration.ofSeconds(5);

    /**
     * How long ago it was last seen that hints arrive: one did, or what is asked every {@link #LISTEN_PERIOD} was
     * answered. Zero, the default, where they cannot get lost on the way.
     */
    default Duration silence() {
        return Duration.ZERO;
    }

    /**
     * The worker claims nothing for now: others are to be woken in its place. Its next claim ends that. Hints of
     * commands and cancels come as ever.
     */
    default void rest() {}

    @Override
    void close();
}
