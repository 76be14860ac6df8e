package io.tidemill.client;

import io.tidemill.task.TaskDefinition;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sees every call before it is written, also each call of a bulk and each that is prepared for later: to send headers
 * along, such as a trace id or a tenant, or to refuse a call. A prepared job that is stored was seen when it was
 * prepared, and is not seen again.
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
     * A bulk begins: asked for when {@code enqueueAll} is called. Default: each of its calls is seen by
     * {@link #before}, like one that is enqueued alone.
     *
     * @return sees the calls of this bulk
     */
    default Bulk bulk() {
        return this::before;
    }

    /**
     * A job is about to be written that is like one which was prepared before, as each job of a schedule is. It has the
     * headers of that one. Default: nothing is done.
     *
     * @param sending its arguments are empty if those of the prepared job stay
     */
    default void beforeCopy(Sending sending) {}

    /**
     * Sees the calls of one {@code enqueueAll}, one after the other, and its end. What {@link #before} throws is thrown
     * by {@code enqueueAll} as for any call that is wrong.
     *
     * <p>Used by one thread.
     */
    @FunctionalInterface
    interface Bulk {

        /** A call is about to be written. */
        void before(Sending sending);

        /**
         * The last call was stored, or the bulk failed. Called once. What it throws is logged.
         *
         * @param failure what {@code enqueueAll} throws; null if it throws nothing
         */
        default void ended(@Nullable Throwable failure) {}
    }

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

        /** Takes a header out, if it is there. */
        void removeHeader(String name);
    }
}
