package io.tidemill.workflow;

import io.tidemill.queue.WorkflowState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One workflow that was started, wherever its steps run.
 *
 * <p>An interface, so that a test can give its own. Those of Tidemill are immutable and thread-safe.
 *
 * @param <R> what it ends with; {@code Void} if nothing
 */
public interface WorkflowHandle<R extends @Nullable Object> {

    /** The id of the workflow. */
    String id();

    /** The queue that has its record: that of its first step. */
    String home();

    /** Whether the call that gave this handle started it. False if a workflow with its id was there already. */
    boolean isNew();

    /**
     * Where it is now.
     *
     * @return empty if nothing is known of it: it was never started, or its time is over
     * @throws io.tidemill.task.BrokerException if the broker cannot be asked
     */
    Optional<WorkflowState> state();

    /**
     * Waits until it has ended and returns what it ended with; null if that is nothing, or if its last step was not run
     * since a branch was not taken.
     *
     * @param timeout the longest wait, 0 to 10 years
     * @throws WorkflowFailedException if a step has ended without success; with compensations, after those
     * @throws WorkflowCancelledException if it was cancelled
     * @throws WorkflowTimeoutException if it had not ended in time
     * @throws UnknownWorkflowException if nothing is known of it
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    R await(Duration timeout) throws InterruptedException;

    /** Its end: completes with what it ended with, or fails as {@link #await} throws. */
    CompletableFuture<R> completion();

    /**
     * Where each step is, in the order in which they were written. Computed by looking at each job: nothing is counted
     * while the workflow runs.
     *
     * @throws UnknownWorkflowException if nothing is known of it
     */
    List<StepProgress> progress();

    /**
     * What the task of a step returned, as long as that is kept ({@code resultTtl} of the task).
     *
     * @param step the name of the step
     * @param type what it is read as
     * @return empty if it has not ended well, gave nothing, or is not kept any longer
     * @throws IllegalArgumentException if the workflow has no step with this name
     */
    <V> Optional<V> result(String step, Class<V> type);

    /**
     * Sends a value to the steps that wait for a signal. The first value that comes stays: a second one changes
     * nothing.
     *
     * @param signal what the signal is called
     * @param type what the value is written as: the type that the step declares
     * @return whether a step takes it; false if each that waited for it has a value or waits no longer, and while the
     *     workflow is {@link WorkflowState#STARTING}
     * @throws IllegalArgumentException if the workflow has no step that waits for this signal, or declares another type
     *     for it: the simple names of the types are compared
     * @throws UnknownWorkflowException if nothing is known of the workflow
     * @throws io.tidemill.task.PayloadException if the value cannot be written
     */
    <V> boolean signal(String signal, Class<V> type, V value);

    /**
     * Cancels it: no step is begun any more, and those that run are interrupted. One that has ended stays as it is, and
     * nothing is compensated. A workflow that has begun to compensate cannot be cancelled.
     *
     * @return whether it was cancelled by this call
     */
    boolean cancel();

    /**
     * Lets a workflow that has failed go on: every dead step is redriven. In a workflow with compensations only a dead
     * compensation is.
     *
     * @return how many were
     * @throws IllegalStateException if it has not failed, or cannot go on
     */
    int retry();
}
