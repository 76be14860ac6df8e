package io.tidemill.client;

import io.tidemill.task.TaskDefinition;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sees every call before it is written, also each call of a bulk and each that is prepared for later: to send headers
 * along, such as a trace id or a tenant, or to refuse a call.
 *
 * <pre>{@code
 * SendInterceptor tenant = sending -> sending.header("tenant", Tenants.current());
 * }</pre>
 *
 * <p>Runs on the thread that enqueues, in the order of registration, after the call's own choices and before its
 * arguments are written. What it throws, {@code enqueue} throws, and nothing is stored. Whether the job was stored is
 * published as an event: {@code Enqueued} or {@code Duplicate} with the same id.
 *
 * <p>Implementations must be thread-safe.
 */
@FunctionalInterface
public interface SendInterceptor {

    /** A call is about to be written. */
    void before(Sending sending);

    /**
     * A call on its way to the broker. Implemented by Tidemill; methods may be added.
     *
     * <p>Used by the thread that enqueues, until the interceptor returns.
     */
    interface Sending {

        /** The task's name. */
        String task();

        /** The queue that the job goes to. */
        String queue();

        /** The id that the job gets. */
        String jobId();

        /** What is declared of the task; empty for a call by name of a task that is not known here. */
        Optional<TaskDefinition> definition();

        /** The arguments. The list cannot be changed. */
        List<@Nullable Object> arguments();

        /** The headers so far: those of the call, and those of interceptors before this one. */
        Map<String, String> headers();

        /**
         * Adds a header, or replaces it.
         *
         * @throws IllegalArgumentException if it is too long, or there are too many
         */
        void header(String name, String value);
    }
}
