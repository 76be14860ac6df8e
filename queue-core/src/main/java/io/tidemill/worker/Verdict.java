package io.tidemill.worker;

import io.tidemill.broker.Completion;
import io.tidemill.broker.Followers;
import io.tidemill.event.JobRef;
import io.tidemill.event.QueueEvent;
import io.tidemill.event.RunInfo;
import io.tidemill.flow.StepRun;
import io.tidemill.message.Failure;
import io.tidemill.text.Texts;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * What becomes of a job after a run: what is recorded at the broker, and what is logged and published once that is
 * done. A closed set; each case says all of it in one place.
 *
 * <p>Immutable.
 */
sealed interface Verdict {

    /** What a follower costs beside its bytes, so that one request has about a thousand of them at most. */
    int BYTES_OF_A_FOLLOWER = 1024;

    /** What is recorded at the broker. */
    Completion completion();

    /** Adds it to the runs that the same request records. */
    void addTo(EndedRuns runs, Ended ended);

    /** How many bytes go to the broker with it. */
    default int bytes() {
        return 0;
    }

    /** What is recorded, if it has a result that a result backend stores first; else null. */
    default Completion.@Nullable Succeeded withResult() {
        return null;
    }

    /** What follows on it in its workflow. */
    default Followers followers() {
        return Followers.NONE;
    }

    /** Whether a step of a workflow that ends so leaves messages for other queues behind. */
    default boolean leavesMessages(StepRun step) {
        return false;
    }

    /** What is published once it is recorded. */
    QueueEvent event(JobRef job, RunInfo run);

    /** Logs it, if something went wrong. */
    default void log(Logger log, Run run) {}

    /** The run did not succeed. */
    sealed interface Failed extends Verdict {

        @Override
        Completion.Failed completion();

        @Override
        default void addTo(EndedRuns runs, Ended ended) {
            runs.failed().add(ended, completion());
        }
    }

    /**
     * The job has succeeded.
     *
     * @param resultLost whether its result could not be stored
     */
    record Succeeded(Completion.Succeeded completion, boolean resultLost) implements Verdict {

        @Override
        public void addTo(EndedRuns runs, Ended ended) {
            runs.completed().add(ended, completion);
        }

        @Override
        public int bytes() {
            return (completion.result() == null ? 0 : completion.result().length)
                    + followers().bytes()
                    + followers().size() * BYTES_OF_A_FOLLOWER;
        }

        @Override
        public Followers followers() {
            return completion.followers() == null ? Followers.NONE : completion.followers();
        }

        @Override
        public boolean leavesMessages(StepRun step) {
            return step.leavesMessages();
        }

        @Override
        public Completion.@Nullable Succeeded withResult() {
            return completion.result() == null ? null : completion;
        }

        @Override
        public QueueEvent event(JobRef job, RunInfo run) {
            return new QueueEvent.Succeeded(job, resultLost ? run.withResultLost() : run);
        }
    }

    /**
     * The run failed and the job is tried again.
     *
     * @param failure what went wrong
     * @param thrown what was thrown here; null if nothing was
     */
    record Retried(
            Completion.Retry completion,
            Failure failure,
            @Nullable Throwable thrown) implements Failed {

        @Override
        public int bytes() {
            return completion.failure().length;
        }

        @Override
        public QueueEvent event(JobRef job, RunInfo run) {
            return new QueueEvent.Retrying(job, run.withThrown(thrown), failure, delay());
        }

        @Override
        public void log(Logger log, Run run) {
            log.info(
                    "job {} of task {} on queue {}: attempt {} failed, tried again in {}: {}",
                    run.jobId(),
                    run.task(),
                    run.queue(),
                    run.attempt(),
                    Texts.duration(delay()),
                    failure.line());
        }

        private Duration delay() {
            return Duration.ofMillis(completion.delayMillis());
        }
    }

    /**
     * The job is dead.
     *
     * @param failure why
     * @param thrown what was thrown here; null if nothing was
     */
    record Died(
            Completion.Dead completion,
            Failure failure,
            @Nullable Throwable thrown) implements Failed {

        @Override
        public int bytes() {
            return completion.failure().length;
        }

        @Override
        public boolean leavesMessages(StepRun step) {
            return true;
        }

        @Override
        public QueueEvent event(JobRef job, RunInfo run) {
            return new QueueEvent.Died(job, run.withThrown(thrown), failure);
        }

        @Override
        public void log(Logger log, Run run) {
            log.warn(
                    "job {} of task {} on queue {} is dead after attempt {}: {}",
                    run.jobId(),
                    run.task(),
                    run.queue(),
                    run.attempt(),
                    failure.lines());
        }
    }

    /**
     * The job is given back without a failure.
     *
     * @param reason why, in one line
     */
    record Released(Completion.Release completion, String reason) implements Verdict {

        @Override
        public void addTo(EndedRuns runs, Ended ended) {
            runs.released().add(ended, completion);
        }

        @Override
        public QueueEvent event(JobRef job, RunInfo run) {
            return new QueueEvent.Released(job, run, reason, Duration.ofMillis(completion.delayMillis()));
        }

        @Override
        public void log(Logger log, Run run) {
            log.info("job {} on queue {} goes back: {}", run.jobId(), run.queue(), reason);
        }
    }

    /**
     * The job is cancelled.
     *
     * @param reason why, in one line
     */
    record Cancelled(Completion.Cancelled completion, String reason) implements Failed {

        @Override
        public boolean leavesMessages(StepRun step) {
            return true;
        }

        @Override
        public QueueEvent event(JobRef job, RunInfo run) {
            return new QueueEvent.Cancelled(job, run, reason);
        }
    }
}
