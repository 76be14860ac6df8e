package io.tidemill.metrics;

import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import io.tidemill.metrics.JobObservationDocumentation.HighKey;
import io.tidemill.metrics.JobObservationDocumentation.LowKey;
import io.tidemill.task.TaskContext;

/**
 * How the observation of a run is named, and its keys; as {@link DefaultEnqueueConvention}. Another convention is given
 * to {@link JobObservations#withRunConvention}.
 *
 * <p>Immutable and thread-safe.
 */
public class DefaultRunConvention implements ObservationConvention<RunContext> {

    private final TagSets low = new TagSets(tags -> KeyValues.of(
            LowKey.SYSTEM.withValue("tidemill"),
            LowKey.OPERATION.withValue("run"),
            LowKey.OPERATION_TYPE.withValue("process"),
            LowKey.QUEUE.withValue(tags.queue()),
            LowKey.TASK.withValue(tags.task()),
            LowKey.OUTCOME.withValue(tags.outcome())));

    /** The default. */
    public DefaultRunConvention() {}

    @Override
    public boolean supportsContext(Observation.Context context) {
        return context instanceof RunContext;
    }

    @Override
    public String getName() {
        return JobObservationDocumentation.RUN.getName();
    }

    @Override
    public String getContextualName(RunContext context) {
        return "run " + job(context).task();
    }

    /** Both names are bounded: a worker runs the tasks and serves the queues that it was started with. */
    @Override
    public KeyValues getLowCardinalityKeyValues(RunContext context) {
        return low.of(job(context).queue(), job(context).task(), context.outcome());
    }

    @Override
    public KeyValues getHighCardinalityKeyValues(RunContext context) {
        return context.once(() -> KeyValues.of(
                HighKey.DESTINATION.withValue(job(context).queue()),
                HighKey.JOB.withValue(job(context).jobId()),
                HighKey.ATTEMPT.withValue(String.valueOf(job(context).attempt()))));
    }

    private static TaskContext job(RunContext context) {
        return context.invocation().context();
    }
}
