package io.tidemill.queue;

/**
 * What became of a call that was enqueued. Cases may be added in later releases: a {@code switch} needs a
 * {@code default} branch.
 */
public enum Enqueued {
    /** A job was stored for it. */
    NEW,
    /** Nothing was changed: a job with its id or its unique key was there already. */
    EXISTING,
    /** The job that holds its unique key has another due time. */
    RESCHEDULED,
    /** The job that holds its unique key runs with its arguments. */
    UPDATED,
    /** Nothing was changed: the job that holds its unique key has a higher version. */
    OUTDATED,
    /** Nothing was changed: the schedule that was to fire has been changed, or has fired, since it was read. */
    SUPERSEDED
}
