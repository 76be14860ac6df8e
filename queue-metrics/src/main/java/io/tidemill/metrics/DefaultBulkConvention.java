package io.tidemill.metrics;

import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import io.tidemill.metrics.JobObservationDocumentation.HighKey;
import io.tidemill.metrics.JobObservationDocumentation.LowKey;

/**
 * How the observation of a bulk is named, and its keys; as {@link DefaultEnqueueConvention}. Another convention is
 * given to {@link JobObservations#withBulkConvention}. Keys are asked for at the beginning and at the end of the bulk.
 *
 * <p>Immutable and thread-safe.
 */
public class DefaultBulkConvention implements ObservationConvention<BulkContext> {

    /** The default. */
    public DefaultBulkConvention() {}

    @Override
    public boolean supportsContext(Observation.Context context) {
        return context instanceof BulkContext;
    }

    @Override
    public String getName() {
        return JobObservationDocumentation.ENQUEUE_BULK.getName();
    }

    @Override
    public String getContextualName(BulkContext context) {
        return "enqueue all " + context.taskTag();
    }

    @Override
    public KeyValues getLowCardinalityKeyValues(BulkContext context) {
        return KeyValues.of(
                LowKey.SYSTEM.withValue("tidemill"),
                LowKey.OPERATION.withValue("enqueue_all"),
                LowKey.OPERATION_TYPE.withValue("send"),
                LowKey.QUEUE.withValue(context.queueTag()),
                LowKey.TASK.withValue(context.taskTag()));
    }

    @Override
    public KeyValues getHighCardinalityKeyValues(BulkContext context) {
        return KeyValues.of(HighKey.SIZE.withValue(String.valueOf(context.size())));
    }
}
