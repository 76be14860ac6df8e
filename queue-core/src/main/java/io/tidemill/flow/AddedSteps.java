package io.tidemill.flow;

import io.tidemill.async.Safely;
import io.tidemill.broker.Broker;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.plan.Plan;
import io.tidemill.plan.PlanStep;
import io.tidemill.plan.StepKind;
import io.tidemill.plan.WorkflowRef;
import io.tidemill.task.JobState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Finds the steps that steps of a workflow have added while it ran. They are in no plan of the record: the job that
 * waits for them keeps theirs. When they have ended, so has that job, and nothing is found.
 *
 * <p>Thread-safe. Never blocks.
 */
public final class AddedSteps {

    /** Most requests at once: each answer may have a large record. */
    private static final int AT_ONCE = 50;

    private final Broker broker;
    private final StepJobs jobs;

    /** Of workflows of this broker. */
    public AddedSteps(Broker broker, StepJobs jobs) {
        this.broker = broker;
        this.jobs = jobs;
    }

    /**
     * What one step has added, and has not all ended.
     *
     * @param adder the step
     * @param workflow the workflow of the step, with the ids of its jobs
     * @param state of the job that waits for the added steps
     * @param storing of the job that stores them; null if they are stored
     * @param plans their plans
     */
    public record Added(
            PlanStep adder,
            WorkflowRef workflow,
            JobState state,
            @Nullable JobState storing,
            List<Plan> plans) {

        /** Copies the list. */
        public Added {
            plans = List.copyOf(plans);
        }

        /** The id of the job that waits for the added steps. */
        public String job() {
            return workflow.addedId(adder.number());
        }

        /** The id of the job that stores them. */
        public String storesId() {
            return workflow.storesId(adder.number());
        }
    }

    /** Of those steps that have added others, in their order. */
    public CompletableFuture<List<Added>> of(WorkflowRef workflow, List<PlanStep> steps) {
        List<PlanStep> calls =
                steps.stream().filter(step -> step.kind() == StepKind.CALL).toList();
        return some(workflow, calls, 0, new ArrayList<>());
    }

    /** Of one step; empty if it has added none, or if all that it has added has ended. */
    CompletableFuture<Optional<Added>> of(WorkflowRef workflow, PlanStep step) {
        return find(workflow, step);
    }

    private CompletableFuture<List<Added>> some(
            WorkflowRef workflow, List<PlanStep> steps, int from, List<Added> found) {
        if (from >= steps.size()) {
            return CompletableFuture.completedFuture(found);
        }
        List<CompletableFuture<Optional<Added>>> asked =
                steps.subList(from, Math.min(steps.size(), from + AT_ONCE)).stream()
                        .map(step -> find(workflow, step))
                        .toList();
        return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new)).thenCompose(nothing -> {
            asked.forEach(each -> each.join().ifPresent(found::add));
            return some(workflow, steps, from + AT_ONCE, found);
        });
    }

    /** Of these steps, and of those that they have added, and so on. Each before those that it has added. */
    public CompletableFuture<List<Added>> all(WorkflowRef workflow, List<PlanStep> steps) {
        return of(workflow, steps).thenCompose(found -> {
            CompletableFuture<List<Added>> all = CompletableFuture.completedFuture(new ArrayList<>());
            for (Added added : found) {
                all = all.thenApply(known -> joined(known, List.of(added)));
                for (Plan plan : added.plans()) {
                    all = all.thenCompose(
                            known -> all(plan.of(workflow.id()), plan.steps()).thenApply(more -> joined(known, more)));
                }
            }
            return all;
        });
    }

    private static List<Added> joined(List<Added> some, List<Added> more) {
        List<Added> all = new ArrayList<>(some);
        all.addAll(more);
        return all;
    }

    /** The job that stores the steps is looked for first: if it is gone, they are stored. */
    private CompletableFuture<Optional<Added>> find(WorkflowRef workflow, PlanStep adder) {
        String id = workflow.addedId(adder.number());
        return snapshot(adder, workflow.storesId(adder.number()))
                .thenCompose(storing -> snapshot(adder, id)
                        .thenApply(waiting -> waiting.flatMap(job -> {
                            byte[] body = job.body();
                            JobState storingIs = storing.map(JobSnapshot::state).orElse(null);
                            return body == null
                                    ? Optional.empty()
                                    : Optional.of(new Added(
                                            adder,
                                            workflow,
                                            job.state(),
                                            storingIs,
                                            jobs.addedPlans(body, adder.queue(), id)));
                        })));
    }

    private CompletableFuture<Optional<JobSnapshot>> snapshot(PlanStep adder, String id) {
        return Safely.ask(() -> broker.lookUp().find(adder.queue(), id, false));
    }

    /**
     * A job of a workflow: the step that it is.
     *
     * @param workflow with the ids of the jobs of the plan that has the step
     * @param step the step; the one that has added others, if the job waits for those or stores them
     * @param unstored of the job that stores what the step has added: how many plans that are; 0 of all others
     */
    record Place(WorkflowRef workflow, PlanStep step, int unstored) {}

    /** Which step the job with this id is; empty if its plan is not there any more. */
    CompletableFuture<Optional<Place>> find(WorkflowRef workflow, Plan plan, String job) {
        String rest = job.substring(workflow.jobs().length() + 1);
        int digits = (int) rest.chars().takeWhile(Character::isDigit).count();
        Optional<PlanStep> step = plan.step(Integer.parseInt(rest.substring(0, digits)));
        return step.isEmpty() || !WorkflowRef.isAdded(workflow.jobs(), job)
                ? CompletableFuture.completedFuture(step.map(found -> new Place(workflow, found, 0)))
                : find(workflow, step.get()).thenCompose(found -> within(workflow, step.get(), found, job));
    }

    private CompletableFuture<Optional<Place>> within(
            WorkflowRef workflow, PlanStep adder, Optional<Added> found, String job) {
        String id = workflow.addedId(adder.number());
        if (job.equals(id)) {
            // It is the job that would have gone on behind the step.
            return CompletableFuture.completedFuture(Optional.of(new Place(workflow, adder, 0)));
        }
        if (found.isEmpty()) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        List<Plan> plans = found.get().plans();
        if (job.equals(found.get().storesId())) {
            return CompletableFuture.completedFuture(Optional.of(new Place(workflow, adder, plans.size())));
        }
        int index = Integer.parseInt(job.substring(id.length(), job.indexOf(':', id.length())));
        return find(workflow.added(adder.number(), index), plans.get(index), job);
    }
}
