package io.tidemill.workflow;

import io.tidemill.client.Call;
import io.tidemill.definition.TaskReferences;
import io.tidemill.plan.FailurePolicy;
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
 * it. A step that is dead, cancelled or deleted makes the workflow fail; the steps behind it stay where they are, and go
 * on when it is redriven and succeeds.
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

    /** This workflow, and then a step whose task takes what this gives, and returns a stage; it gives what the stage completes with. */
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

    /** This workflow, and then a step whose task takes what this gives, and one more argument, and returns a stage; it gives what the stage completes with. */
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
     * The same workflow with an id of yours, printable text of 1 to 240 characters. A second start with an id that is
     * still known starts nothing, and gives the handle of the first.
     */
    public Workflow<R> id(String id) {
        return with(options.withId(WorkflowNames.checkId(id)));
    }

    /** The same workflow, kept for so long after it has succeeded, with its result. 1 ms to 10 years; 1 h by default. */
    public Workflow<R> keep(Duration time) {
        return with(options.withKeep(Durations.checkPositive("keep", time)));
    }

    /**
     * The same workflow, which goes on without a step that has ended without success: such a step counts as one that was
     * not run, and so do the steps that need what it would have given. Lists leave it out. A workflow whose last step is
     * not run ends with null.
     */
    public Workflow<R> continueOnFailure() {
        return with(options.with(FailurePolicy.CONTINUE));
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
