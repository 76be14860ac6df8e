package io.tidemill.workflow;

import io.tidemill.client.Call;
import io.tidemill.definition.TaskReferences;
import io.tidemill.plan.FailurePolicy;
import io.tidemill.plan.Plan;
import io.tidemill.plan.PlanEnds;
import io.tidemill.plan.StepKind;
import io.tidemill.task.JobOptions;
import io.tidemill.task.TaskDefinition;
import io.tidemill.task.TaskMethod;
import io.tidemill.text.Durations;
import io.tidemill.text.PrintableText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Jobs that follow one another: what a {@link WorkflowClient} starts. The compiler checks that what a step gives is
 * what the next one takes.
 *
 * <pre>{@code
 * queue.start(chain(call(Orders::load, 42L)).then(Orders::price).then(Orders::invoice));
 *
 * queue.start(group(call(Images::thumbnail, a), call(Images::thumbnail, b)).then(Images::contactSheet));
 *
 * queue.start(workflow("checkout", w -> {
 *     Step<Order> order = w.step(call(Orders::load, 42L));
 *     Step<Price> price = w.step(Orders::price, order);
 *     Step<Hold> hold = w.step(Orders::reserve, order);
 *     return w.step(Orders::charge, price, hold);
 * }));
 * }</pre>
 *
 * <p>Each step is a job of its own, in the queue of its task, with its task's timeout and retries. It runs at least
 * once, and may run again as any job may. What it gives is taken once: a second run of a step changes nothing behind
 * it. A step that is dead, cancelled or deleted makes the workflow fail; the steps behind it stay where they are, and
 * go on when it is redriven and succeeds.
 *
 * <p>Immutable, as far as the arguments of calls are; may be started any number of times, by any thread.
 *
 * @param <R> what it ends with; {@code Void} if nothing
 */
@SuppressWarnings("overloads") // exact method references tell value from void; tried on 17 and 25
public final class Workflow<R extends @Nullable Object> {

    private final String name;
    private final List<StepDefinition> steps;
    private final int result;
    private final WorkflowOptions options;

    Workflow(String name, List<StepDefinition> steps, int result, WorkflowOptions options) {
        this.name = name;
        this.steps = List.copyOf(steps);
        this.result = result;
        this.options = options;
    }

    /** Begins a chain: steps that run one after the other, each with what the one before gave. */
    public static <R extends @Nullable Object> Workflow<R> chain(Call<R> first) {
        return new Workflow<>("chain", List.of(WorkflowBuilder.definition(first)), 0, WorkflowOptions.DEFAULT);
    }

    /** Calls that run at the same time. It ends with what they give, in the order of the calls. */
    @SafeVarargs
    @SuppressWarnings("varargs") // read only
    public static <R extends @Nullable Object> Workflow<List<R>> group(Call<? extends R>... calls) {
        return group(Arrays.asList(calls));
    }

    /** Calls that run at the same time. It ends with what they give, in the order of the calls. */
    public static <R extends @Nullable Object> Workflow<List<R>> group(Collection<? extends Call<? extends R>> calls) {
        List<StepDefinition> steps = new ArrayList<>();
        calls.forEach(call -> steps.add(WorkflowBuilder.definition(call)));
        steps.add(StepDefinition.gathering(
                StepKind.COLLECT, IntStream.range(0, calls.size()).boxed().toList()));
        return new Workflow<>("group", steps, steps.size() - 1, WorkflowOptions.DEFAULT);
    }

    /**
     * Any graph of steps. The function is called once, at once.
     *
     * @param name what the workflow is called, printable text
     * @param definition writes the steps, and returns the one whose value the workflow ends with
     */
    public static <R extends @Nullable Object> Workflow<R> workflow(
            String name, Function<WorkflowBuilder, Step<R>> definition) {
        PrintableText.check("name of a workflow", name);
        WorkflowBuilder builder = new WorkflowBuilder();
        Step<R> last = Objects.requireNonNull(definition.apply(builder), "a workflow must return its last step");
        return builder.close(name, last);
    }

    /** This workflow, and then a step whose task takes what this gives, and returns a value. */
    public <T, S extends @Nullable Object> Workflow<S> then(TaskMethod.Value1<T, R, S> task) {
        return followed(TaskReferences.resolve(task));
    }

    /** This workflow, and then a step whose task takes what this gives, and returns nothing. */
    public <T> Workflow<@Nullable Void> then(TaskMethod.Void1<T, R> task) {
        return followed(TaskReferences.resolve(task));
    }

    /**
     * This workflow, and then a step whose task takes what this gives, and returns a stage; it gives what the stage
     * completes with.
     */
    public <T, S extends @Nullable Object> Workflow<S> then(TaskMethod.Async1<T, R, S> task) {
        return followed(TaskReferences.resolve(task));
    }

    /** This workflow, and then a step whose task takes what this gives, and one more argument, and returns a value. */
    public <T, B, S extends @Nullable Object> Workflow<S> then(TaskMethod.Value2<T, R, B, S> task, B more) {
        return followed(TaskReferences.resolve(task), more);
    }

    /** This workflow, and then a step whose task takes what this gives, and one more argument, and returns nothing. */
    public <T, B> Workflow<@Nullable Void> then(TaskMethod.Void2<T, R, B> task, B more) {
        return followed(TaskReferences.resolve(task), more);
    }

    /**
     * This workflow, and then a step whose task takes what this gives, and one more argument, and returns a stage; it
     * gives what the stage completes with.
     */
    public <T, B, S extends @Nullable Object> Workflow<S> then(TaskMethod.Async2<T, R, B, S> task, B more) {
        return followed(TaskReferences.resolve(task), more);
    }
    /** This workflow, and then a call that takes nothing of it. */
    public <S extends @Nullable Object> Workflow<S> thenRun(Call<S> call) {
        return added(WorkflowBuilder.definition(call).withAfter(List.of(result)));
    }

    private <S extends @Nullable Object> Workflow<S> followed(TaskDefinition task, @Nullable Object... more) {
        return added(WorkflowBuilder.following(task, new StepDefinition.Input.Of(result), more));
    }

    private <S extends @Nullable Object> Workflow<S> added(StepDefinition step) {
        return new Workflow<>(name, StepDefinition.added(steps, step), steps.size(), options);
    }

    /** The same workflow; its last step has this name. */
    public Workflow<R> named(String stepName) {
        return changed(step -> step.withName(WorkflowNames.check(stepName)));
    }

    /** The same workflow; its last step has other choices, as its queue, priority, timeout or retries. */
    public Workflow<R> with(UnaryOperator<JobOptions> choices) {
        return changed(step -> step.with(choices));
    }

    private Workflow<R> changed(UnaryOperator<StepDefinition> change) {
        List<StepDefinition> all = new ArrayList<>(steps);
        all.set(result, change.apply(all.get(result)));
        return new Workflow<>(name, all, result, options);
    }

    /**
     * The same workflow with an id of yours, printable text of 1 to 230 characters. A second start with an id that is
     * still known starts nothing, and gives the handle of the first.
     */
    public Workflow<R> id(String id) {
        return with(options.withId(WorkflowNames.checkId(id)));
    }

    /**
     * The same workflow, kept for so long after it has succeeded, with its result. 1 ms to 10 years; 1 h by default.
     */
    public Workflow<R> keep(Duration time) {
        return with(options.withKeep(Durations.checkPositive("keep", time)));
    }

    /**
     * The same workflow, which goes on without a step that has ended without success: such a step counts as one that
     * was not run, and so do the steps that need what it would have given. Lists leave it out. A workflow whose last
     * step is not run ends with null.
     */
    public Workflow<R> continueOnFailure() {
        return with(options.with(FailurePolicy.CONTINUE));
    }

    /**
     * The same workflow, whose last step is undone by this task if the workflow fails after that step has succeeded.
     * The task takes what the step gave, and what it returns is not used.
     *
     * <p>A workflow in which a step has a compensation fails in another way. When a step has ended without success, no
     * further step is begun, and those that run may end. Then each step that has succeeded and has a compensation is
     * undone, one after the other, the last that succeeded first. Then the workflow has failed. A compensation is a job
     * with the retries of its task. If one is dead, those behind it wait until it is redriven:
     * {@link WorkflowHandle#retry()}.
     */
    public <T> Workflow<R> compensateWith(TaskMethod.Void1<T, R> task) {
        return compensated(TaskReferences.resolve(task));
    }

    /** As {@link #compensateWith(TaskMethod.Void1)}, with a task that returns a value. */
    public <T, S extends @Nullable Object> Workflow<R> compensateWith(TaskMethod.Value1<T, R, S> task) {
        return compensated(TaskReferences.resolve(task));
    }

    /** As {@link #compensateWith(TaskMethod.Void1)}, with a task that returns a stage. */
    public <T, S extends @Nullable Object> Workflow<R> compensateWith(TaskMethod.Async1<T, R, S> task) {
        return compensated(TaskReferences.resolve(task));
    }

    /** As {@link #compensateWith(TaskMethod.Void1)}, with a call that takes nothing of the step. */
    public Workflow<R> compensateWith(Call<?> call) {
        return changed(step -> step.withCompensation(WorkflowBuilder.definition(call)));
    }

    private Workflow<R> compensated(TaskDefinition task) {
        return changed(
                step -> step.withCompensation(WorkflowBuilder.following(task, new StepDefinition.Input.Of(result))));
    }

    /**
     * The same workflow, with a call that is enqueued when it has succeeded. It is enqueued in the same step as the end
     * is written, so it is enqueued once. At most {@value Plan#MAX_CALLBACKS} callbacks.
     */
    public Workflow<R> onSuccess(Call<?> call) {
        return at(PlanEnds.End.SUCCESS, call);
    }

    /**
     * The same workflow, with a call that is enqueued when it has failed, after what had succeeded is compensated. If
     * the workflow is tried again and fails again, the call is enqueued again. A workflow that is cancelled, or that
     * goes on without a step, does not fail.
     */
    public Workflow<R> onFailure(Call<?> call) {
        return at(PlanEnds.End.FAILURE, call);
    }

    /** The same workflow, with a call that is enqueued when it has succeeded, and when it has failed. */
    public Workflow<R> onCompletion(Call<?> call) {
        return at(PlanEnds.End.ANY, call);
    }

    private Workflow<R> at(PlanEnds.End end, Call<?> call) {
        return with(options.with(new WorkflowOptions.Callback(end, WorkflowBuilder.definition(call))));
    }

    private Workflow<R> with(WorkflowOptions changed) {
        return new Workflow<>(name, steps, result, changed);
    }

    /** What it is called. */
    public String name() {
        return name;
    }

    /** The steps and what waits for what, as the text of a Mermaid flowchart. */
    public String describe() {
        return Mermaid.of(this);
    }

    List<StepDefinition> definitions() {
        return steps;
    }

    int resultStep() {
        return result;
    }

    WorkflowOptions options() {
        return options;
    }

    @Override
    public String toString() {
        return "workflow " + name + " of " + steps.size() + " steps";
    }
}
