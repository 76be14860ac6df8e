package io.tidemill.broker;

import io.tidemill.task.JobState;
import org.jspecify.annotations.Nullable;

/**
 * A job as it was at one moment.
 *
 * @param id the job
 * @param state where it was
 * @param body its record; null if only its result is kept
 * @param priority 0 to 9
 * @param failures how many runs failed
 * @param lostLeases how many leases on it ended while it was held
 * @param releases how many times it was given back without a failure
 * @param failure the last failure, opaque to the broker; null if there was none
 * @param timeMillis when it is due (scheduled) or died (dead), ms since 1970 by the broker's clock; 0 otherwise
 * @param result what its run returned (succeeded); null if nothing is kept
 */
public record JobSnapshot(
        String id,
        JobState state,
        byte @Nullable [] body,
        int priority,
        int failures,
        int lostLeases,
        int releases,
        byte @Nullable [] failure,
        long timeMillis,
        byte @Nullable [] result) {

    /** The number of its last run that has ended; 0 if none has. */
    public int attempt() {
        return failures + lostLeases + releases;
    }
}
