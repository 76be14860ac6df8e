package io.tidemill.queue;

/** What became of a request to cancel. */
public enum CancelReply {
    /** The job had not started; it is cancelled. */
    CANCELLED,
    /** The job is running; its worker was told and interrupts it. */
    REQUESTED,
    /** The job had ended, or is not known. */
    NOT_FOUND
}
