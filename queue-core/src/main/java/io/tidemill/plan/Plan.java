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
 * @param ends what is done when it ends, beside its steps
 */
public record Plan(
        String name,
        FailurePolicy onFailure,
        String home,
        String jobs,
        long keepMillis,
        int result,
        List<PlanStep> first,
        List<PlanStep> waiting,
        PlanEnds ends) {

    /** Most steps. */
    public static final int MAX_STEPS = 10_000;

    /** The number of the job that is done when the workflow has failed. The numbers from here on are no steps. */
    public static final int FAILED = MAX_STEPS;

    /** The number of the job that finishes a start which was broken off. */
    public static final int START = MAX_STEPS + 1;

    /** The number of the first callback. */
    public static final int FIRST_CALLBACK = MAX_STEPS + 2;

    /** The number of the job that wakes steps while a workflow that has failed runs out. */
    public static final int WAKE = MAX_STEPS + 60;

    /** In the ids of the steps that a step adds, the number of the job that waits for them. */
    public static final int ADDED = MAX_STEPS + 61;

    /** Most callbacks. */
    public static final int MAX_CALLBACKS = 50;

    /** The number of the call that compensates step 0. That of another step is higher by the number of the step. */
    public static final int FIRST_COMPENSATION = MAX_STEPS + 100;

    /** The highest number. */
    static final int MOST_NUMBER = FIRST_COMPENSATION + MAX_STEPS - 1;

    /** Most bytes of a plan as {@link PlanCodec} writes it. */
    public static final int MAX_BYTES = 1_000_000;

    /** Copies the lists. */
    public Plan {
        first = List.copyOf(first);
        waiting = List.copyOf(waiting);
    }

    /** The same, with other ids of jobs. */
    public Plan withJobs(String value) {
        return new Plan(name, onFailure, home, value, keepMillis, result, first, waiting, ends);
    }

    /** The workflow with this id that runs by this plan. */
    public WorkflowRef of(String id) {
        return new WorkflowRef(id, home, jobs, onFailure == FailurePolicy.COMPENSATE);
    }

    /** Whether a job with this number is a callback. */
    public static boolean isCallback(int number) {
        return number >= FIRST_CALLBACK && number < FIRST_CALLBACK + MAX_CALLBACKS;
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
