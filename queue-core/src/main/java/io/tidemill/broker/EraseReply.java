package io.tidemill.broker;

/** What became of a queue that was to be removed. */
public enum EraseReply {
    /** Nothing is left of it; what is kept of jobs that ended goes when its time is over. */
    ERASED,
    /** Some of the jobs that ran were taken out: call again. */
    MORE,
    /** It has jobs. Nothing was changed. */
    HAS_JOBS,
    /** A worker serves it. Nothing was changed. */
    HAS_WORKERS
}
