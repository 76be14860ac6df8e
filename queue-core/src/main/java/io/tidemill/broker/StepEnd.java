package io.tidemill.broker;

/** How a job of a workflow ended without success. */
public enum StepEnd {
    /** It was given up; its record stays, and it may be redriven. */
    DEAD,
    /** It was cancelled. */
    CANCELLED,
    /** It had not started in time. */
    EXPIRED,
    /** It was deleted, purged or trimmed, or went with its queue. A job that was dead before may end so, too. */
    REMOVED
}
