package io.tidemill.examples.engreene.jobs;

import io.tidemill.task.TaskContext;

/**
 * A job as its handler sees it.
 *
 * @param id the same over all attempts, so a good key for effects that must happen once
 * @param type which handler it is for
 * @param data what it was added with
 * @param attempt the number of this run, from 1
 */
public record QueuedJob<D>(String id, String type, D data, int attempt) {

    static <D> QueuedJob<D> of(TaskContext context, String type, D data) {
        return new QueuedJob<>(context.jobId(), type, data, context.attempt());
    }
}
