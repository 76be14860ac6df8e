package io.tidemill.plan;

import org.jspecify.annotations.Nullable;

/**
 * What the record of a job says of the step that it is, beside the job itself: the part of the record that
 * {@code Job.section} has.
 *
 * <p>Immutable.
 *
 * @param workflow its workflow
 * @param step the step, without its own record unless it is a map
 * @param value what the step before gave, if that one stored this job; null if there is none, or if the values are in
 *     places
 */
public record StepSection(
        WorkflowRef workflow, PlanStep step, @Nullable StepValue value) {

    private static final byte[] NO_RECORD = {};

    /** Leaves the record of the step out, unless it is a map: the jobs of its elements are made of it. */
    public StepSection {
        step = step.kind() == StepKind.MAP ? step : step.withJob(NO_RECORD);
    }

    /** The id of the job. */
    public String jobId() {
        return workflow.jobId(step.number());
    }
}
