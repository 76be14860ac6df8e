package io.tidemill.task;

import org.jspecify.annotations.Nullable;

/** The broker could not be asked, or answered with an error. */
public final class BrokerException extends TidemillException {

    private static final long serialVersionUID = 1L;

    /** What is known of the request that failed. */
    public enum Outcome {
        /** The broker refused it: nothing was changed. */
        REFUSED,
        /** The answer is missing: it may or may not have been done. Asking again with the same ids is safe. */
        UNKNOWN
    }

    private final Outcome outcome;

    /** Says what failed, where, and what to do. */
    public BrokerException(Outcome outcome, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.outcome = outcome;
    }

    /** What is known of the request. */
    public Outcome outcome() {
        return outcome;
    }
}
