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
 * @param timeMillis when it is due (scheduled), was stored (waiting), died (dead) or finished (succeeded and kept), ms
 *     since 1970 by the broker's clock; 0 otherwise
 * @param startedMillis when the run started that succeeded (succeeded and kept), likewise; 0 otherwise
 * @param result what its run returned (succeeded); null if nothing is kept
 * @param constraints what it asked for beyond being run
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
        long startedMillis,
        byte @Nullable [] result,
        Constraints constraints) {

    /**
     * The part of a job's {@link JobConstraints} that can be seen afterwards.
     *
     * @param key the unique key; null for none
     * @param group whose turn it takes; null for none
     * @param expiresMillis not to be started later, ms since 1970 by the broker's clock; 0 for no limit
     * @param member the workflow that it belongs to; null for none
     */
    public record Constraints(
            @Nullable String key,
            @Nullable String group,
            long expiresMillis,
            @Nullable WorkflowMember member) {

        /** Of no workflow. */
        public Constraints(@Nullable String key, @Nullable String group, long expiresMillis) {
            this(key, group, expiresMillis, null);
        }

        /** None. */
        public static final Constraints NONE = new Constraints(null, null, 0);
    }

    /** A job that has ended and of which at most the result is kept. */
    public static JobSnapshot ended(String id, JobState state, byte @Nullable [] result) {
        return new JobSnapshot(id, state, null, 0, 0, 0, 0, null, 0, 0, result, Constraints.NONE);
    }

    /** The same job after its run succeeded. */
    public JobSnapshot succeeded(long finishedMillis, long ranMillis) {
        return new JobSnapshot(
                id,
                JobState.SUCCEEDED,
                body,
                priority,
                failures,
                lostLeases,
                releases,
                failure,
                finishedMillis,
                finishedMillis - ranMillis,
                null,
                constraints);
    }

    /** The same with its result. */
    public JobSnapshot withResult(byte @Nullable [] value) {
        return new JobSnapshot(
                id,
                state,
                body,
                priority,
                failures,
                lostLeases,
                releases,
                failure,
                timeMillis,
                startedMillis,
                value,
                constraints);
    }

    /** The number of its last run that has ended; 0 if none has. */
    public int attempt() {
        return failures + lostLeases + releases;
    }
}
