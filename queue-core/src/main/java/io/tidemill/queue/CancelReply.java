package io.tidemill.queue;

/** The outcome of a request to cancel. */
public enum CancelReply {
    /** The job had not started; it is cancelled. */
    CANCELLED,
    /** The job is running; its worker was asked to interrupt it. */
    REQUESTED,
    /** The job had ended, or is not known. */
    NOT_FOUND
}
