package io.tidemill.task;

/**
 * Runs the jobs of a task that is declared in code, without an annotation: see {@code TaskQueueBuilder.handle}. What it
 * throws, and how often it may run, is as for a method with {@link Task}.
 *
 * <p>Implementations must be thread-safe: jobs run at the same time.
 *
 * @param <A> the type of the one argument
 */
@FunctionalInterface
public interface TaskHandler<A> {

    /**
     * Runs one job.
     *
     * @param argument what the job was enqueued with; null if that was null
     * @param context the job, as {@link TaskContext#current} gives it
     */
    void handle(A argument, TaskContext context) throws Exception;

    /**
     * A handler whose jobs have a result.
     *
     * @param <A> the type of the one argument
     * @param <R> the type of the result
     */
    @FunctionalInterface
    interface WithResult<A, R> {

        /**
         * Runs one job.
         *
         * @param argument what the job was enqueued with; null if that was null
         * @param context the job, as {@link TaskContext#current} gives it
         * @return what {@code await} gives to whoever waits for the job
         */
        R handle(A argument, TaskContext context) throws Exception;
    }
}
