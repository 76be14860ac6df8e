package io.tidemill.workflow;

import io.tidemill.client.Call;
import org.jspecify.annotations.Nullable;

/**
 * Starts workflows and finds them again. Thread-safe.
 *
 * <p>What is wrong with a workflow is thrown before anything is stored: {@link io.tidemill.task.PayloadException},
 * {@link io.tidemill.client.UnknownTaskException} and {@link IllegalArgumentException}, as by {@code enqueue}.
 */
public interface WorkflowClient {

    /**
     * Starts a workflow, and waits until its first steps are stored. If a workflow with its id is known, nothing is
     * started, and this is that one's handle. A start of which only a part was done, as by a crash, is finished by
     * starting it again with the same id.
     *
     * @throws io.tidemill.task.BrokerException if the broker refuses it, has no workflows, or does not answer in time
     */
    <R extends @Nullable Object> WorkflowHandle<R> start(Workflow<R> workflow);

    /**
     * Adds steps to the workflow that the job is a step of which runs on this thread. They are stored when this step
     * succeeds, in the same step as its result: a run that fails, or that has lost its lease, adds nothing. What waits
     * for this step then waits for the added ones, too, and so does the end of the workflow. It gets what this step
     * gave; what the added ones give is for their own steps.
     *
     * <p>Each run of a step has to add all of them again: what an earlier run added was not stored. So they are added
     * behind durable steps and not inside, and a step that goes on from a checkpoint adds those of before it, too.
     *
     * <p>An added step may add more, about 50 times one below the other: ids of jobs name all steps above. If one ends
     * without success, that is as if a step of the workflow had: by its policy it fails, and
     * {@link WorkflowHandle#retry} redrives the step; or it goes on without the step; or it compensates. In one run at
     * most 1,000 steps that wait for no other, and 1 MB of steps with their arguments.
     *
     * @param steps any steps, but no signals and no compensations, and no choices of a whole workflow
     * @throws IllegalStateException if no job runs on this thread, or one that is no step of a workflow, or that is an
     *     element of a map, a compensation or a callback; or inside a durable step
     * @throws IllegalArgumentException if the steps have what they cannot have, or are too many
     * @throws io.tidemill.task.PayloadException if an argument cannot be written
     */
    void addSteps(Workflow<?> steps);

    /** Adds one step: {@link #addSteps}. */
    default void addStep(Call<?> call) {
        addSteps(Workflow.chain(call));
    }

    /**
     * A workflow that was started earlier, perhaps by another process.
     *
     * @param definition what it was started with, or one with the same steps: says its queue and what it ends with
     * @param id its id
     */
    <R extends @Nullable Object> WorkflowHandle<R> workflow(Workflow<R> definition, String id);

    /**
     * A workflow that was started earlier, perhaps by another process. What it ends with is read without a declared
     * type.
     *
     * @param home the queue of its first step
     * @param id its id
     */
    WorkflowHandle<@Nullable Object> workflow(String home, String id);
}
