package io.tidemill.workflow;

import io.tidemill.plan.FailurePolicy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The choices of one start.
 *
 * @param id the id; null for a new one
 * @param keep how long the workflow is kept after it has succeeded
 * @param onFailure what becomes of it when a step has ended without success
 */
record WorkflowOptions(@Nullable String id, Duration keep, FailurePolicy onFailure) {

    static final WorkflowOptions DEFAULT = new WorkflowOptions(null, Duration.ofHours(1), FailurePolicy.FAIL);

    WorkflowOptions withId(String value) {
        return new WorkflowOptions(value, keep, onFailure);
    }

    WorkflowOptions withKeep(Duration value) {
        return new WorkflowOptions(id, value, onFailure);
    }

    WorkflowOptions with(FailurePolicy value) {
        return new WorkflowOptions(id, keep, value);
    }
}
