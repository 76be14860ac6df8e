package io.tidemill.queue;

/** What became of a job that was to get another time, or other arguments. */
public enum RescheduleReply {
    /** It has what was asked for. */
    RESCHEDULED,
    /**
     * Nothing was changed: it is due already, so that it waits for a worker or runs; or it was to get other arguments,
     * and a worker had taken it before.
     */
    TOO_LATE,
    /** Nothing was changed: it is dead, has ended, or was never stored. */
    NOT_FOUND
}
