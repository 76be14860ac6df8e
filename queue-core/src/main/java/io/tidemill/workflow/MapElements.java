package io.tidemill.workflow;

import io.tidemill.async.Answers;
import io.tidemill.broker.PlacePage;
import io.tidemill.broker.Redrive;
import io.tidemill.broker.RedriveReply;
import io.tidemill.broker.WorkflowJob;
import io.tidemill.plan.Plan;
import io.tidemill.plan.PlanStep;
import io.tidemill.plan.StepKind;
import io.tidemill.plan.Target;
import io.tidemill.plan.WorkflowRef;
import io.tidemill.queue.CancelReply;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiPredicate;
import java.util.stream.IntStream;

/**
 * The jobs that the maps of a workflow have stored, one for each element of a list. The plan does not know how many
 * there are; the step that waits for them does. As long as it does not, their numbers are tried one after the other.
 *
 * <p>Used once.
 */
final class MapElements {

    private static final int AT_ONCE = 200;

    private final WorkflowParts parts;
    private final WorkflowRef workflow;
    private final Plan plan;

    MapElements(WorkflowParts parts, String id, Plan plan) {
        this.parts = parts;
        this.workflow = plan.of(id);
        this.plan = plan;
    }

    /** Cancels those that have not ended. */
    void cancel() {
        forEachBatch((step, ids) -> {
            List<CompletableFuture<CancelReply>> replies = ids.stream()
                    .map(id -> parts.broker().cancellation().cancel(step.queue(), id))
                    .toList();
            return replies.stream().map(this::answer).anyMatch(reply -> reply != CancelReply.NOT_FOUND);
        });
    }

    /** Redrives those that are dead. Returns how many were. */
    int redrive() {
        int[] redriven = new int[1];
        forEachBatch((step, ids) -> {
            long now =
                    answer(parts.broker()
                                    .operations()
                                    .redrive(
                                            step.queue(),
                                            ids.stream().map(Redrive::now).toList()))
                            .stream()
                            .filter(reply -> reply == RedriveReply.REDRIVEN)
                            .count();
            redriven[0] += (int) now;
            return now > 0;
        });
        return redriven[0];
    }

    /** The function says whether it has found any of a batch. */
    private void forEachBatch(BiPredicate<PlanStep, List<String>> action) {
        for (PlanStep step : plan.steps()) {
            if (step.kind() == StepKind.MAP) {
                forEachBatch(step, action);
            }
        }
    }

    private void forEachBatch(PlanStep map, BiPredicate<PlanStep, List<String>> action) {
        Target list = map.fills().get(0);
        PlacePage page = answer(parts.broker().workflows().places(list.queue(), workflow.jobId(list.step()), 0, 1))
                .orElse(null);
        if (page == null) {
            // The list is complete, or the workflow ended before.
            return;
        }
        int known = page.places();
        // One place is the map's own.
        int most = known == WorkflowJob.UNKNOWN ? PlanStep.MAX_ELEMENTS : known - 1;
        int foundEmpty = 0;
        for (int from = 0; from < most; from += AT_ONCE) {
            boolean isFound = action.test(
                    map,
                    IntStream.range(from, Math.min(most, from + AT_ONCE))
                            .mapToObj(i -> workflow.elementId(map.number(), i))
                            .toList());
            // Elements are stored in their order. Those that have ended have filled their places.
            foundEmpty += isFound ? AT_ONCE : 0;
            if (!isFound && known == WorkflowJob.UNKNOWN && from > page.filled() + foundEmpty) {
                return;
            }
        }
    }

    private <V> V answer(CompletableFuture<V> future) {
        return Answers.of(future, "about the elements of workflow " + workflow.id());
    }
}
