package io.tidemill.task;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs around every execution of a task's method in this process: for tracing, log context, a transaction, a
 * measurement.
 *
 * <pre>{@code
 * RunInterceptor timed = invocation -> {
 *     Timer timer = timers.of(invocation.definition().name()).start();
 *     try {
 *         return invocation.proceed();
 *     } finally {
 *         timer.stop();
 *     }
 * };
 * }</pre>
 *
 * <p>The interceptor that was registered first is the outermost. It runs on the thread of the job, after the arguments
 * were read and before the result is written. The task's timeout includes it, and an interrupt by a timeout, a cancel
 * or a stop reaches it as it reaches the task. {@link TaskContext#current()} works in it.
 *
 * <p>Of a task that returns a {@code CompletionStage} ({@link TaskDefinition#isAsync}) {@code proceed} gives the stage,
 * which as a rule has not ended: to do something at its end, return {@code stage.whenComplete(...)} in its place. The
 * job ends when the stage does that the outermost interceptor returned. A cancel or a timeout cancels the stage that
 * the task itself returned.
 *
 * <p>What it returns is the result of the job. What it throws ends the run as if the task had thrown it, so a
 * {@link TaskSignal} works too. A job that never gets to its method is not seen here: its record cannot be read, its
 * task is not known, or it was cancelled before.
 *
 * <p>Implementations must be thread-safe: jobs run at the same time.
 */
@FunctionalInterface
public interface RunInterceptor {

    /**
     * Runs one execution of a task.
     *
     * @param invocation what is to run
     * @return the result: as a rule, what {@link Invocation#proceed} returned
     * @throws Throwable whatever the task threw
     */
    @Nullable
    Object around(Invocation invocation) throws Throwable;

    /**
     * One execution of a task's method. Implemented by Tidemill; methods may be added.
     *
     * <p>Used by the thread of the job.
     */
    interface Invocation {

        /** What is declared of the task: its name, its method and the annotations of that. */
        TaskDefinition definition();

        /** The job: its id, queue, headers, and the number of this run. */
        TaskContext context();

        /** The arguments, as they were read. The list cannot be changed. */
        List<@Nullable Object> arguments();

        /**
         * Goes on: the next interceptor, or the task's method itself. An interceptor that does not call it keeps the
         * task from running; one that calls it again runs the task again.
         *
         * @return what the task returned; null if it returns nothing
         * @throws Throwable what the task threw
         */
        @Nullable
        Object proceed() throws Throwable;
    }
}
