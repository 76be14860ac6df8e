package io.tidemill.workflow;

import io.tidemill.async.Answers;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.flow.AddedSteps;
import io.tidemill.plan.Plan;
import io.tidemill.plan.PlanStep;
import io.tidemill.plan.StepKind;
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
    private final String id;
    private final WorkflowRef workflow;
    private final Plan plan;
    private final boolean isStored;
    private final boolean hasAdded;
    /** Steps that never run: one that cannot be run again, and those behind it. */
    private final Set<Integer> lost = new HashSet<>();

    private final Map<Integer, @Nullable JobState> states = new HashMap<>();

    /** By the number of the step that has added them. */
    private final Map<Integer, AddedSteps.Added> added = new HashMap<>();

    private final List<Plan> addedPlans = new ArrayList<>();

    /** Looks at the steps of this workflow, whose record says this. */
    ProgressReader(WorkflowParts parts, String id, Plan plan, WorkflowState state, WorkflowRecord record) {
        this(parts, id, plan, state != WorkflowState.STARTING, record.hasAdded() && state != WorkflowState.SUCCEEDED);
        WorkflowRecord.Failed failed = record.failed();
        if (failed != null && !failed.canRunAgain() && state == WorkflowState.FAILED) {
            lose(failed.step());
        }
    }

    private ProgressReader(WorkflowParts parts, String id, Plan plan, boolean isStored, boolean hasAdded) {
        this.parts = parts;
        this.id = id;
        this.workflow = plan.of(id);
        this.plan = plan;
        this.isStored = isStored;
        this.hasAdded = hasAdded;
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
            lookForAdded(level);
            List<PlanStep> next = new ArrayList<>();
            for (PlanStep step : level) {
                if (states.get(step.number()) == JobState.SUCCEEDED && !added.containsKey(step.number())) {
                    next.addAll(step.makes());
                }
            }
            level = next;
        }
        List<StepProgress> all = new ArrayList<>();
        for (PlanStep step : plan.steps()) {
            all.add(new StepProgress(
                    step.name(),
                    JobCodec.taskOf(step.job()),
                    step.queue(),
                    workflow.jobId(step.number()),
                    states.getOrDefault(step.number(), lost.contains(step.number()) ? JobState.CANCELLED : null)));
            if (added.containsKey(step.number())) {
                all.addAll(read(added.get(step.number())));
            }
        }
        return all;
    }

    /** The plans of all steps that were found and were added while the workflow ran. */
    List<Plan> addedPlans() {
        return addedPlans;
    }

    private void lookForAdded(List<PlanStep> level) {
        if (hasAdded) {
            List<PlanStep> ended = level.stream()
                    .filter(step -> states.get(step.number()) == JobState.SUCCEEDED)
                    .toList();
            Answers.of(
                            new AddedSteps(parts.broker(), parts.jobs()).of(workflow, ended),
                            "about added steps of workflow " + workflow.id())
                    .stream()
                    .filter(found ->
                            found.state() == JobState.DEAD || !found.state().isFinal())
                    .forEach(found -> added.put(found.adder().number(), found));
        }
    }

    /** What a step has added; then the job that stores that, and the one that waits for it. */
    private List<StepProgress> read(AddedSteps.Added found) {
        String name = found.adder().name() + "/";
        List<StepProgress> all = new ArrayList<>();
        for (Plan each : found.plans()) {
            ProgressReader reader = new ProgressReader(parts, id, each, found.storing() == null, true);
            reader.read().forEach(step -> all.add(step.within(name)));
            addedPlans.add(each);
            addedPlans.addAll(reader.addedPlans());
        }
        if (found.storing() != null) {
            all.add(progress(found, name, StepKind.ADD, found.storesId(), found.storing()));
        }
        all.add(progress(found, name, StepKind.ADDED, found.job(), found.state()));
        return all;
    }

    private static StepProgress progress(
            AddedSteps.Added found, String name, StepKind kind, String job, JobState state) {
        return new StepProgress(name + kind.task(), kind.task(), found.adder().queue(), job, state);
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
