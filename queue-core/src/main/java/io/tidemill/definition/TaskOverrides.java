package io.tidemill.definition;

import io.tidemill.task.RetryPolicy;
import io.tidemill.task.TaskDefinition;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What one process says otherwise than a task's declaration. What is null follows the declaration.
 *
 * <p>Immutable.
 *
 * @param queue the queue of its jobs
 * @param priority the priority of its jobs, 0 to 9
 * @param timeout how long one run may take
 * @param retry when a failed run is tried again
 * @param resultTtl how long a returned value is kept
 * @param keep how long a job is kept after it succeeded
 * @param version the version of its arguments
 */
public record TaskOverrides(
        @Nullable String queue,
        @Nullable Integer priority,
        @Nullable Duration timeout,
        @Nullable RetryPolicy retry,
        @Nullable Duration resultTtl,
        @Nullable Duration keep,
        @Nullable Integer version) {

    /** Everything as it is declared. */
    public static final TaskOverrides NONE = new TaskOverrides(null, null, null, null, null, null, null);

    /** The definition with these settings in place of its own. */
    public TaskDefinition applyTo(TaskDefinition declared) {
        return declared.withQueue(queue == null ? declared.queue() : queue)
                .withPriority(priority == null ? declared.priority() : priority)
                .withTimeout(timeout == null ? declared.timeout() : timeout)
                .withRetry(retry == null ? declared.retry() : retry)
                .withResultTtl(resultTtl == null ? declared.resultTtl() : resultTtl)
                .withKeep(keep == null ? declared.keep() : keep)
                .withVersion(version == null ? declared.version() : version);
    }
}
