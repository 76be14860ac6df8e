package io.tidemill.worker;

import io.tidemill.event.QueueEvent;
import io.tidemill.observe.Observers;
import io.tidemill.task.RunInterceptor;
import io.tidemill.task.TaskContext;
import org.jspecify.annotations.Nullable;

/**
 * Publishes that a run has begun.
 *
 * @param observers who hears of it
 */
record StartedEvents(Observers observers) implements RunInterceptor {

    @Override
    public @Nullable Object around(Invocation invocation) throws Throwable {
        TaskContext job = invocation.context();
        observers.publish(new QueueEvent.Started(job.queue(), job.jobId(), job.task(), job.attempt()));
        return invocation.proceed();
    }
}
