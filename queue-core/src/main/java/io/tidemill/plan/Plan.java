package io.tidemill.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A workflow in its compiled form: what has to be stored so that it runs, and what each completion stores then.
 *
 * <p>Immutable.
 *
 * @param name what the workflow is called
 * @param onFailure what becomes of it when a step has ended without success
 * @param home the queue that has its record
 * @param jobs how the ids of its jobs begin
 * @param keepMillis how long it is kept after it has succeeded, ms
 * @param result the number of the step whose value is the result
 * @param first the steps that wait for nothing
 * @param waiting the steps that are stored at the start and wait for their places to be filled
 */
public record Plan(
        String name,
        FailurePolicy onFailure,
        String home,
        String jobs,
        long keepMillis,
        int result,
        List<PlanStep> first,
        List<PlanStep> waiting) {

    /** Most steps. */
    public static final int MAX_STEPS = 10_000;

    /** Most bytes of a plan as {@link PlanCodec} writes it. */
    public static final int MAX_BYTES = 1_000_000;

    /** Copies the lists. */
    public Plan {
        first = List.copyOf(first);
        waiting = List.copyOf(waiting);
    }

    /** The workflow with this id that runs by this plan. */
    public WorkflowRef of(String id) {
        return new WorkflowRef(id, home, jobs);
    }

    /** Every step, in the order of the numbers. */
    public List<PlanStep> steps() {
        List<PlanStep> all = new ArrayList<>();
        first.forEach(step -> step.forEach(all::add));
        waiting.forEach(step -> step.forEach(all::add));
        all.sort(Comparator.comparingInt(PlanStep::number));
        return all;
    }

    /** The step with this name. */
    public Optional<PlanStep> step(String stepName) {
        return steps().stream().filter(step -> step.name().equals(stepName)).findFirst();
    }

    /** The step with this number. */
    public Optional<PlanStep> step(int number) {
        return steps().stream().filter(step -> step.number() == number).findFirst();
    }

    /** Every queue that has a step, in the order of the alphabet. */
    public Set<String> queues() {
        Set<String> queues = new TreeSet<>();
        steps().forEach(step -> queues.add(step.queue()));
        return queues;
    }
}
