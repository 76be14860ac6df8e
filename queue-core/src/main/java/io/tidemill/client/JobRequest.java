package io.tidemill.client;

import org.jspecify.annotations.Nullable;

/**
 * A request to run a task once: a {@link Call}, or a {@link PreparedJob}. All ways to enqueue take both.
 *
 * @param <R> what the task returns; {@code Void} if nothing, {@code Object} if it is not known
 */
public sealed interface JobRequest<R extends @Nullable Object> permits Call, PreparedJob {

    /** The task's name. */
    String task();
}
