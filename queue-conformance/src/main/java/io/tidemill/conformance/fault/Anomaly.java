package io.tidemill.conformance.fault;

/** What a history must not show. */
public enum Anomaly {
    /** A job was acknowledged, and in the end it neither ended in a way that leaves nothing nor is it anywhere. */
    LOST,
    /** When all was over, a job was still waiting or held. */
    UNFINISHED,
    /** Something ran that nobody had enqueued, or that the broker had refused, or that its worker had not claimed. */
    UNEXPECTED,
    /** A job was claimed after its end had been acknowledged, or was still there. */
    GHOST,
    /** A job ran again although its task had not failed, and its lease had neither ended nor been given back. */
    DUP_UNEXPLAINED,
    /** Two leases on one job stood at the same time. */
    DOUBLE_LEASE,
    /** The end of a run was accepted although somebody else had got the job since. */
    STALE_ACCEPTED,
    /** More than one end of a job was acknowledged. */
    DOUBLE_COMPLETE,
    /** The same id was stored twice while the first was there. */
    DOUBLE_ENQUEUE,
    /** Two claims of a job had the same number, or the later one a lower one. */
    ATTEMPT_REPEATED,
    /** A job was claimed before it was due. */
    EARLY,
    /** The failures or releases that a claim reported are not those that had happened. */
    MISCOUNTED,
    /** A run that was claimed after the result of a step had been recorded did the step again. */
    STEP_REPEATED
}
