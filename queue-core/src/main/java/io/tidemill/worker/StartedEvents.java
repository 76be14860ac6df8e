package io.tidemill.worker;

import io.tidemill.event.QueueEvent;
import io.tidemill.observe.Observers;
import io.tidemill.task.RunInterceptor;
import org.jspecify.annotations.Nullable;

/**
 * Publishes that a run has begun.
 *
 * @param observers publish the events
 */
record StartedEvents(Observers observers) implements RunInterceptor {

    @Override
    public @Nullable Object around(Invocation invocation) throws Throwable {
        // The context of a job is its run.
        Run run = (Run) invocation.context();
        observers.publish(new QueueEvent.Started(run.ref(), run.info()));
        return invocation.proceed();
    }
}
