package io.tidemill.workflow;

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
