package io.tidemill.metrics;

import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import io.tidemill.metrics.JobObservationDocumentation.HighKey;
import io.tidemill.metrics.JobObservationDocumentation.LowKey;

/**
 * How the observation of a call is named, and its keys. The names of OpenTelemetry's conventions for messaging are not
 * final; another convention is given to {@link JobObservations#withEnqueueConvention}, as a subclass of this one.
 *
 * <p>Immutable and thread-safe.
 */
public class DefaultEnqueueConvention implements ObservationConvention<EnqueueContext> {

    private final TagSets low = new TagSets(tags -> KeyValues.of(
            LowKey.SYSTEM.withValue("tidemill"),
            LowKey.OPERATION.withValue("enqueue"),
            LowKey.OPERATION_TYPE.withValue("create"),
            LowKey.QUEUE.withValue(tags.queue()),
            LowKey.TASK.withValue(tags.task())));

    /** The default. */
    public DefaultEnqueueConvention() {}

    @Override
    public boolean supportsContext(Observation.Context context) {
        return context instanceof EnqueueContext;
    }

    @Override
    public String getName() {
        return JobObservationDocumentation.ENQUEUE.getName();
    }

    @Override
    public String getContextualName(EnqueueContext context) {
        return "enqueue " + context.taskTag();
    }

    @Override
    public KeyValues getLowCardinalityKeyValues(EnqueueContext context) {
        return low.of(context.queueTag(), context.taskTag(), "");
    }

    @Override
    public KeyValues getHighCardinalityKeyValues(EnqueueContext context) {
        return context.once(() -> KeyValues.of(
                HighKey.DESTINATION.withValue(context.sending().queue()),
                HighKey.JOB.withValue(context.sending().jobId())));
    }
}
