package io.tidemill.event;

import io.tidemill.message.Failure;
import io.tidemill.task.JobState;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened, seen from this process: to a job, which is a {@link JobEvent}, to the worker, which is a
 * {@link WorkerEvent}, to a schedule, or to the connection.
 *
 * <p>Events of jobs and schedules are published after the broker has recorded what they say, except {@link Started} and
 * {@link LeaseLost}, which happen only here.
 *
 * <p>Cases are added in later versions: give a {@code switch} over them a {@code default} branch. Events are made by
 * Tidemill; their constructors are for tests of listeners.
 *
 * <p>Immutable.
 */
public sealed interface QueueEvent
        permits JobEvent, WorkerEvent, QueueEvent.Fired, QueueEvent.ConnectionLost, QueueEvent.ConnectionBack {

    /** Whether a job has ended with this: it succeeded, died, was cancelled or has expired. */
    default boolean isEnd() {
        return false;
    }

    /** This process stored a job. */
    record Enqueued(JobRef job) implements JobEvent {}

    /**
     * This process wanted to store a job whose id was known already, or whose unique key another job holds; it was not
     * stored.
     *
     * @param existing the job that is there: the same id, or that of the job that holds the key
     */
    record Duplicate(JobRef job, String existing) implements JobEvent {}

    /** A run began. */
    record Started(JobRef job, RunInfo run) implements JobEvent {}

    /** A run succeeded, and with it the job. */
    record Succeeded(JobRef job, RunInfo run) implements JobEvent {

        /** How long it ran. */
        public Duration took() {
            Duration known = run.took();
            return known == null ? Duration.ZERO : known;
        }

        @Override
        public JobState endState() {
            return JobState.SUCCEEDED;
        }
    }

    /**
     * A run failed and the job is tried again.
     *
     * @param failure what went wrong
     * @param delay how long until the next run may begin
     */
    record Retrying(JobRef job, RunInfo run, Failure failure, Duration delay) implements JobEvent {

        /** What went wrong, in one line. */
        public String error() {
            return failure.line();
        }
    }

    /**
     * The job is dead: kept for an operator, not tried again.
     *
     * @param run its last run
     * @param failure why
     */
    record Died(JobRef job, RunInfo run, Failure failure) implements JobEvent {

        /** Why, in one line. */
        public String reason() {
            return failure.line();
        }

        @Override
        public JobState endState() {
            return JobState.DEAD;
        }
    }

    /**
     * The job was given back without a failure: snoozed, not known here, or stopped by a shutdown.
     *
     * @param reason why, in one line
     * @param delay how long until it may be claimed again
     */
    record Released(JobRef job, RunInfo run, String reason, Duration delay) implements JobEvent {}

    /** The job had not started in time; it ended without being run. */
    record Expired(JobRef job) implements JobEvent {

        @Override
        public JobState endState() {
            return JobState.EXPIRED;
        }
    }

    /**
     * The job ended as cancelled. Its task is {@code "?"} if a job with the same unique key replaced it.
     *
     * @param run the run that the cancel ended; null if the job was not running here
     * @param reason why, in one line
     */
    record Cancelled(JobRef job, @Nullable RunInfo run, String reason) implements JobEvent {

        @Override
        public JobState endState() {
            return JobState.CANCELLED;
        }
    }

    /**
     * The broker refused the outcome of this run, because its lease had ended. The job runs again elsewhere, or already
     * has; what this run returned is dropped.
     *
     * @param mayBeRecorded whether the outcome may be recorded all the same: an answer of the broker was lost, and the
     *     next one says that the lease has ended. The job runs again if it was not recorded.
     */
    record LeaseLost(JobRef job, RunInfo run, boolean mayBeRecorded) implements JobEvent {}

    /**
     * A job whose lease had ended, perhaps at a worker that was killed, is ready again.
     *
     * @param run its last run, which was lost
     */
    record Recovered(JobRef job, RunInfo run) implements JobEvent {}

    /**
     * A schedule fired, and this process stored its job; the job has an {@link Enqueued} of its own.
     *
     * @param queue the queue of the schedule and of its job
     * @param schedule the schedule's name
     * @param due when it was to fire, by the broker's clock
     * @param late how long after that, and after its jitter, its job was stored, by the same clock; zero or more
     * @param jobId the job's id
     */
    record Fired(String queue, String schedule, Instant due, Duration late, String jobId) implements QueueEvent {}

    /**
     * The broker no longer answers: a request got no answer within its time, and no other was answered since it was
     * sent. Published once, by workers and producers alike, until {@link ConnectionBack}.
     *
     * @param why what failed first and why, in one line
     */
    record ConnectionLost(String why) implements QueueEvent {}

    /**
     * The broker answers again after {@link ConnectionLost}.
     *
     * @param after the time from the first request without an answer to the first answer
     */
    record ConnectionBack(Duration after) implements QueueEvent {}
}
