package io.tidemill.workflow;

import io.tidemill.task.JobState;
import org.jspecify.annotations.Nullable;

/**
 * Where a step of a workflow is.
 *
 * @param name its name
 * @param task the name of its task
 * @param queue its queue
 * @param job the id of its job
 * @param state where its job is; null if the steps that it waits for have not ended, so that it is not stored yet. One
 *     that has ended and of which nothing is kept counts as {@link JobState#SUCCEEDED}
 */
public record StepProgress(
        String name,
        String task,
        String queue,
        String job,
        @Nullable JobState state) {

    /** The same with this before its name. */
    StepProgress within(String names) {
        return new StepProgress(names + name, task, queue, job, state);
    }

    /** Whether it has ended well. */
    public boolean isDone() {
        return state == JobState.SUCCEEDED;
    }
}
