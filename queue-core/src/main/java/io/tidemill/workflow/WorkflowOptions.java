package io.tidemill.workflow;

import io.tidemill.plan.FailurePolicy;
import io.tidemill.plan.Plan;
import io.tidemill.plan.PlanEnds;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The choices of one start.
 *
 * @param id the id; null for a new one
 * @param keep how long the workflow is kept after it has succeeded
 * @param onFailure what becomes of it when a step has ended without success, unless steps have compensations
 * @param callbacks what is enqueued when it has ended
 */
record WorkflowOptions(@Nullable String id, Duration keep, FailurePolicy onFailure, List<Callback> callbacks) {

    /** A call that is enqueued at an end. */
    record Callback(PlanEnds.End at, StepDefinition call) {}

    static final WorkflowOptions DEFAULT =
            new WorkflowOptions(null, Duration.ofHours(1), FailurePolicy.FAIL, List.of());

    WorkflowOptions withId(String value) {
        return new WorkflowOptions(value, keep, onFailure, callbacks);
    }

    WorkflowOptions withKeep(Duration value) {
        return new WorkflowOptions(id, value, onFailure, callbacks);
    }

    WorkflowOptions with(FailurePolicy value) {
        return new WorkflowOptions(id, keep, value, callbacks);
    }

    WorkflowOptions with(Callback callback) {
        if (callbacks.size() == Plan.MAX_CALLBACKS) {
            throw new IllegalArgumentException("a workflow has at most " + Plan.MAX_CALLBACKS + " callbacks");
        }
        return new WorkflowOptions(id, keep, onFailure, StepDefinition.joined(callbacks, List.of(callback)));
    }
}
