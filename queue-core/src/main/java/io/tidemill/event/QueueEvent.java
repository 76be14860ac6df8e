package io.tidemill.event;

import io.tidemill.message.Failure;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened to a job, seen from this process.
 *
 * <p>Events are published after the broker has recorded what they say, except {@link Started} and {@link LeaseLost},
 * which happen only here.
 *
 * <p>Cases are added in later versions: give a {@code switch} over them a {@code default} branch. Events are made by
 * Tidemill; their constructors are for tests of listeners.
 *
 * <p>Immutable.
 */
public sealed interface QueueEvent {

    /** The job. */
    JobRef job();

    /** The run; null if it is about none. */
    default @Nullable RunInfo run() {
        return null;
    }

    /** The queue. */
    default String queue() {
        return job().queue();
    }

    /** The job's id. */
    default String jobId() {
        return job().id();
    }

    /** The task's name; {@code "?"} if the job's record could not be read. */
    default String task() {
        return job().task();
    }

    /** The small texts that came with the job, where this process has them: see {@link JobRef#headers}. */
    default Map<String, String> headers() {
        return job().headers();
    }

    /** The number of the run that this is about, from 1; 0 if it is about none. */
    default int attempt() {
        RunInfo run = run();
        return run == null ? 0 : run.attempt();
    }

    /** Whether the job has ended with this: it succeeded, died, was cancelled or has expired. */
    default boolean isEnd() {
        return false;
    }

    /** This process stored a job. */
    record Enqueued(JobRef job) implements QueueEvent {}

    /**
     * This process wanted to store a job whose id was known already, or whose unique key another job holds; it was not
     * stored.
     *
     * @param existing the job that is there: the same id, or that of the job that holds the key
     */
    record Duplicate(JobRef job, String existing) implements QueueEvent {}

    /** A run began. */
    record Started(JobRef job, RunInfo run) implements QueueEvent {}

    /** A run succeeded, and with it the job. */
    record Succeeded(JobRef job, RunInfo run) implements QueueEvent {

        /** How long it ran. */
        public Duration took() {
            Duration known = run.took();
            return known == null ? Duration.ZERO : known;
        }

        @Override
        public boolean isEnd() {
            return true;
        }
    }

    /**
     * A run failed and the job is tried again.
     *
     * @param failure what went wrong
     * @param delay how long until the next run may begin
     */
    record Retrying(JobRef job, RunInfo run, Failure failure, Duration delay) implements QueueEvent {

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
    record Died(JobRef job, RunInfo run, Failure failure) implements QueueEvent {

        /** Why, in one line. */
        public String reason() {
            return failure.line();
        }

        @Override
        public boolean isEnd() {
            return true;
        }
    }

    /**
     * The job was given back without a failure: snoozed, not known here, or stopped by a shutdown.
     *
     * @param reason why, in one line
     * @param delay how long until it may be claimed again
     */
    record Released(JobRef job, RunInfo run, String reason, Duration delay) implements QueueEvent {}

    /** The job had not started in time; it ended without being run. */
    record Expired(JobRef job) implements QueueEvent {

        @Override
        public boolean isEnd() {
            return true;
        }
    }

    /**
     * The job ended as cancelled. Its task is {@code "?"} if a job with the same unique key replaced it.
     *
     * @param run the run that the cancel ended; null if the job was not running here
     * @param reason why, in one line
     */
    record Cancelled(JobRef job, @Nullable RunInfo run, String reason) implements QueueEvent {

        @Override
        public boolean isEnd() {
            return true;
        }
    }

    /**
     * The broker refused the outcome of this run, because its lease had ended. The job runs again elsewhere, or already
     * has; what this run returned is dropped.
     *
     * @param mayBeRecorded whether the outcome may be recorded all the same: an answer of the broker was lost, and the
     *     next one says that the lease has ended. The job runs again if it was not recorded.
     */
    record LeaseLost(JobRef job, RunInfo run, boolean mayBeRecorded) implements QueueEvent {}

    /**
     * A job whose lease had ended, perhaps at a worker that was killed, is ready again.
     *
     * @param run its last run, which was lost
     */
    record Recovered(JobRef job, RunInfo run) implements QueueEvent {}
}
