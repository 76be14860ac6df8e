package io.tidemill.broker;

import io.tidemill.task.JobState;
import io.tidemill.task.Priority;
import org.jspecify.annotations.Nullable;

/**
 * How a job ended, as a {@link ResultBackend} keeps it.
 *
 * <p>Immutable, except that the bytes are not copied.
 *
 * @param id the job
 * @param state {@code SUCCEEDED}, {@code DEAD}, {@code CANCELLED} or {@code EXPIRED}
 * @param attempt the number of its last run, 0 if there was none
 * @param result what the run returned, opaque to the backend; null if nothing is kept, or it did not succeed
 * @param resultLost whether it succeeded and returned a result that could not be stored
 * @param failure the last failure of a dead job, opaque to the backend; null otherwise
 * @param ttlMillis how long it is kept, in ms, by the backend's clock
 */
public record JobOutcome(
        String id,
        JobState state,
        int attempt,
        byte @Nullable [] result,
        boolean resultLost,
        byte @Nullable [] failure,
        long ttlMillis) {

    /** Checks that the state is one of an end. */
    public JobOutcome {
        if (!state.isFinal()) {
            throw new IllegalArgumentException("a job that is " + state + " has not ended");
        }
    }

    /** Of a job that succeeded. */
    public static JobOutcome succeeded(String id, int attempt, byte @Nullable [] result, long ttlMillis) {
        return new JobOutcome(id, JobState.SUCCEEDED, attempt, result, false, null, ttlMillis);
    }

    /** Of a job that succeeded and whose result could not be stored. */
    public static JobOutcome resultLost(String id, int attempt, long ttlMillis) {
        return new JobOutcome(id, JobState.SUCCEEDED, attempt, null, true, null, ttlMillis);
    }

    /** Of a job that died. */
    public static JobOutcome dead(String id, int attempt, byte[] failure, long ttlMillis) {
        return new JobOutcome(id, JobState.DEAD, attempt, null, false, failure, ttlMillis);
    }

    /** Of a job that was cancelled or expired. */
    public static JobOutcome ended(String id, JobState state, int attempt, long ttlMillis) {
        return new JobOutcome(id, state, attempt, null, false, null, ttlMillis);
    }

    /** The job, as far as it is known. */
    public JobSnapshot snapshot() {
        return new JobSnapshot(
                id, state, null, Priority.DEFAULT, attempt, 0, 0, failure, 0, 0, result, JobSnapshot.Constraints.NONE);
    }
}
