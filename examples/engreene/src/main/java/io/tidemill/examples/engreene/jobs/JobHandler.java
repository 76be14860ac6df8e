package io.tidemill.examples.engreene.jobs;

/**
 * Does the work of one type of job. May run more than once for one job: see {@link QueuedJob#id}.
 *
 * @param <D> the data of its jobs
 */
@FunctionalInterface
public interface JobHandler<D> {

    /**
     * Does the work of a job.
     *
     * @throws io.tidemill.task.TaskSignal to say something other than "failed": not now, never, after this time
     * @throws Exception if it failed; it is tried again
     */
    void handle(QueuedJob<D> job) throws Exception;

    /**
     * One that gives a result, which is kept for an hour.
     *
     * @param <D> the data of its jobs
     * @param <R> what it gives
     */
    @FunctionalInterface
    interface WithResult<D, R> {

        /** As {@link JobHandler#handle}. */
        R handle(QueuedJob<D> job) throws Exception;
    }
}
