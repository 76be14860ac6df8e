package io.tidemill.workflow;

import io.tidemill.async.Answers;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.plan.Plan;
import io.tidemill.plan.PlanStep;
import io.tidemill.plan.WorkflowRecord;
import io.tidemill.plan.WorkflowRef;
import io.tidemill.queue.WorkflowState;
import io.tidemill.record.JobCodec;
import io.tidemill.task.JobState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Looks where the steps of a workflow are. A job that has succeeded may leave nothing. So a step whose job is not found
 * has ended, if its job was ever stored: at the start, or by the completion of the step that it travels with. For that
 * reason a step is looked for after the one that it travels with.
 *
 * <p>Used once.
 */
final class ProgressReader {

    /** Each answer has a whole record, of which only the state is kept. */
    private static final int AT_ONCE = 50;

    private final WorkflowParts parts;
    private final WorkflowRef workflow;
    private final Plan plan;
    private final boolean isStored;
    /** Steps that never run: one that cannot be run again, and those behind it. */
    private final Set<Integer> lost = new HashSet<>();

    private final Map<Integer, @Nullable JobState> states = new HashMap<>();

    /**
     * Looks at the steps of this workflow.
     *
     * @param failed the step that has ended without success; null if none has
     */
    ProgressReader(
            WorkflowParts parts, String id, Plan plan, WorkflowState state, WorkflowRecord.@Nullable Failed failed) {
        this.parts = parts;
        this.workflow = plan.of(id);
        this.plan = plan;
        this.isStored = state != WorkflowState.STARTING;
        if (failed != null && !failed.canRunAgain() && state == WorkflowState.FAILED) {
            lose(failed.step());
        }
    }

    /** A step waits only for lower numbers. */
    private void lose(int number) {
        lost.add(number);
        for (PlanStep step : plan.steps()) {
            if (lost.contains(step.number())) {
                step.makes().forEach(next -> lost.add(next.number()));
                step.fills().forEach(next -> lost.add(next.step()));
            }
        }
    }

    List<StepProgress> read() {
        List<PlanStep> level = new ArrayList<>(plan.first());
        level.addAll(plan.waiting());
        while (!level.isEmpty()) {
            look(level);
            List<PlanStep> next = new ArrayList<>();
            for (PlanStep step : level) {
                if (states.get(step.number()) == JobState.SUCCEEDED) {
                    next.addAll(step.makes());
                }
            }
            level = next;
        }
        return plan.steps().stream()
                .map(step -> new StepProgress(
                        step.name(),
                        JobCodec.taskOf(step.job()),
                        step.queue(),
                        workflow.jobId(step.number()),
                        states.getOrDefault(step.number(), lost.contains(step.number()) ? JobState.CANCELLED : null)))
                .toList();
    }

    private void look(List<PlanStep> level) {
        for (int from = 0; from < level.size(); from += AT_ONCE) {
            List<PlanStep> some = level.subList(from, Math.min(level.size(), from + AT_ONCE));
            List<CompletableFuture<Optional<JobState>>> answers = some.stream()
                    .map(step -> parts.awaiter()
                            .find(step.queue(), workflow.jobId(step.number()))
                            .thenApply(found -> found.map(JobSnapshot::state)))
                    .toList();
            for (int i = 0; i < some.size(); i++) {
                JobState ended = lost.contains(some.get(i).number()) ? JobState.CANCELLED : JobState.SUCCEEDED;
                JobState state = Answers.of(answers.get(i), "about a step of workflow " + workflow.id())
                        .orElse(isStored ? ended : null);
                states.put(some.get(i).number(), state);
            }
        }
    }
}
