package io.tidemill.event;

import java.time.Duration;

/**
 * Something that happened to a job, seen from this process. Closed: a {@code switch} over it can be complete.
 *
 * <p>Events are told after the broker has recorded what they tell, except {@link Started} and {@link LeaseLost}, which
 * happen only here.
 */
public sealed interface QueueEvent {

    /** The queue. */
    String queue();

    /** The job's id. */
    String jobId();

    /** The task's name; {@code "?"} if the job's record could not be read. */
    String task();

    /** The number of the run that this is about, from 1; 0 if it is about no run. */
    default int attempt() {
        return 0;
    }

    /** Whether the job has ended with this: it succeeded, died, was cancelled or has expired. */
    default boolean isEnd() {
        return this instanceof Succeeded
                || this instanceof Died
                || this instanceof Cancelled
                || this instanceof Expired;
    }

    /** This process stored a job. */
    record Enqueued(String queue, String jobId, String task) implements QueueEvent {}

    /**
     * This process wanted to store a job whose id was known already, or whose unique key another job holds; it was not
     * stored.
     *
     * @param existing the job that is there: the same id, or that of the job that holds the key
     */
    record Duplicate(String queue, String jobId, String task, String existing) implements QueueEvent {}

    /**
     * A run began.
     *
     * @param attempt its number, from 1
     */
    record Started(String queue, String jobId, String task, int attempt) implements QueueEvent {}

    /**
     * A run ended well.
     *
     * @param took how long the task's code ran
     */
    record Succeeded(String queue, String jobId, String task, int attempt, Duration took) implements QueueEvent {}

    /**
     * A run failed and the job is tried again.
     *
     * @param error what went wrong, in one line
     * @param delay how long until the next try
     */
    record Retrying(String queue, String jobId, String task, int attempt, String error, Duration delay)
            implements QueueEvent {}

    /**
     * The job is dead: kept for an operator, not tried again.
     *
     * @param reason why, in one line
     */
    record Died(String queue, String jobId, String task, int attempt, String reason) implements QueueEvent {}

    /**
     * The job went back without a failure: snoozed, not known here, or stopped by a shutdown.
     *
     * @param reason why, in one line
     * @param delay how long until it may be claimed again
     */
    record Released(String queue, String jobId, String task, int attempt, String reason, Duration delay)
            implements QueueEvent {}

    /** The job had not started in time; it ended without being run. */
    record Expired(String queue, String jobId, String task) implements QueueEvent {}

    /** The job ended as cancelled. Its task is {@code "?"} if a job with the same unique key replaced it. */
    record Cancelled(String queue, String jobId, String task, String reason) implements QueueEvent {}

    /**
     * The broker refused what this run came to, because its lease had ended. The job runs again elsewhere, or already
     * has; what this run returned is dropped.
     *
     * @param mayBeRecorded whether what became of it is not known: an answer of the broker was lost, and the next one
     *     is that the lease has ended. Then it may have been recorded all the same, and the job runs again if it was
     *     not.
     */
    record LeaseLost(String queue, String jobId, String task, int attempt, boolean mayBeRecorded)
            implements QueueEvent {}

    /** A job whose lease had ended, perhaps at a worker that was killed, is ready again. */
    record Recovered(String queue, String jobId, String task) implements QueueEvent {}
}
