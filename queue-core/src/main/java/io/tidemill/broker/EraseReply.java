package io.tidemill.broker;

/** What became of a queue that was to be removed. */
public enum EraseReply {
    /** Nothing is left of it; results of jobs that it did not keep go when their time is over. */
    ERASED,
    /** Some of the jobs that ran or are kept were taken out: call again. */
    MORE,
    /** It has jobs, and no schedules. Nothing was changed. */
    HAS_JOBS,
    /** A worker serves it. Nothing was changed. */
    HAS_WORKERS,
    /** It has schedules, and perhaps jobs. Nothing was changed. */
    HAS_SCHEDULES
}
