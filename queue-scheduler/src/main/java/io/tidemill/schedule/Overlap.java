package io.tidemill.schedule;

/**
 * What happens at a due time while the last job of the schedule has not ended: it waits, runs, or is to be tried again.
 *
 * <p>Policies may be added in later releases: a {@code switch} over them needs a {@code default} branch.
 */
public enum Overlap {
    /** The default: both run. No due time is lost. */
    ALLOW,
    /** The due time is left out, and counted as skipped. */
    SKIP,
    /** One due time waits until the last job has ended, and fires within a second or so. Others are left out. */
    BUFFER_ONE,
    /**
     * The last job is cancelled, and then the due time fires. A run sees an interrupt; it may go on for a while beside
     * the new one.
     */
    CANCEL_PREVIOUS
}
