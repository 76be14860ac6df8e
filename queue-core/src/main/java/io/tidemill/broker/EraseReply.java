package io.tidemill.broker;

/** What became of a queue that was to be removed. */
public enum EraseReply {
    /** Nothing is left of it; results of jobs that it did not keep go when their time is over. */
    ERASED,
    /** Some of the jobs that ran or are kept were taken out: call again. */
    MORE,
    /**
     * It has jobs, and no schedules; or, unless jobs that run were to be taken out, too, messages for other queues or
     * the record of a workflow that has not ended. Nothing was changed.
     */
    HAS_JOBS,
    /** A worker serves it. Nothing was changed. */
    HAS_WORKERS,
    /** It has schedules, and perhaps jobs. Nothing was changed. */
    HAS_SCHEDULES
}
