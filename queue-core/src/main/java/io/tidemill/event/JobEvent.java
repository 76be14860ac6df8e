package io.tidemill.event;

import io.tidemill.message.Failure;
import io.tidemill.task.JobState;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened to a job, seen from this process. The cases are in {@link QueueEvent}.
 *
 * <p>Immutable.
 */
public sealed interface JobEvent extends QueueEvent
        permits QueueEvent.Enqueued,
                QueueEvent.Duplicate,
                QueueEvent.Started,
                QueueEvent.Succeeded,
                QueueEvent.Retrying,
                QueueEvent.Died,
                QueueEvent.Released,
                QueueEvent.Expired,
                QueueEvent.Cancelled,
                QueueEvent.LeaseLost,
                QueueEvent.Recovered {

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

    /** What went wrong in the run; null if nothing did. */
    default @Nullable Failure failure() {
        return null;
    }

    /** The state in which the job has ended with this; null if it has not ended. */
    default @Nullable JobState endState() {
        return null;
    }

    @Override
    default boolean isEnd() {
        return endState() != null;
    }
}
