package io.tidemill.workflow;

import io.tidemill.client.Call;
import io.tidemill.definition.TaskReferences;
import io.tidemill.plan.Plan;
import io.tidemill.plan.StepKind;
import io.tidemill.task.JobOptions;
import io.tidemill.task.TaskDefinition;
import io.tidemill.task.TaskMethod;
import io.tidemill.text.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes the steps of a workflow: what {@link Workflow#workflow} gives to its function. A step that takes another one
 * as an argument waits for it, so the arguments are the edges of the graph, and it cannot have a cycle.
 *
 * <p>A step runs as soon as all that it takes is there; steps that do not wait for each other run at the same time. All
 * steps are run, whether or not the result needs them, and the workflow ends when all have ended.
 *
 * <p>Used by one thread until the function returns.
 */
@SuppressWarnings("overloads") // exact method references tell value from void; tried on 17 and 25
public final class WorkflowBuilder {

    private final List<StepDefinition> steps = new ArrayList<>();
    private boolean isClosed;

    WorkflowBuilder() {}

    /** A step that is a call whose arguments are known. */
    public <R extends @Nullable Object> Step<R> step(Call<R> call) {
        return add(definition(call));
    }

    /** A step whose task takes one argument and returns a value. */
    public <T, A, R extends @Nullable Object> Step<R> step(TaskMethod.Value1<T, A, R> task, Step<? extends A> a) {
        return add(TaskReferences.resolve(task), a);
    }

    /** A step whose task takes one argument and returns nothing. */
    public <T, A> Step<@Nullable Void> step(TaskMethod.Void1<T, A> task, Step<? extends A> a) {
        return add(TaskReferences.resolve(task), a);
    }

    /** A step whose task takes one argument and returns a stage; it gives what the stage completes with. */
    public <T, A, R extends @Nullable Object> Step<R> step(TaskMethod.Async1<T, A, R> task, Step<? extends A> a) {
        return add(TaskReferences.resolve(task), a);
    }

    /** A step whose task takes 2 arguments and returns a value. */
    public <T, A, B, R extends @Nullable Object> Step<R> step(
            TaskMethod.Value2<T, A, B, R> task, Step<? extends A> a, Step<? extends B> b) {
        return add(TaskReferences.resolve(task), a, b);
    }

    /** A step whose task takes 2 arguments and returns nothing. */
    public <T, A, B> Step<@Nullable Void> step(
            TaskMethod.Void2<T, A, B> task, Step<? extends A> a, Step<? extends B> b) {
        return add(TaskReferences.resolve(task), a, b);
    }

    /** A step whose task takes 2 arguments and returns a stage; it gives what the stage completes with. */
    public <T, A, B, R extends @Nullable Object> Step<R> step(
            TaskMethod.Async2<T, A, B, R> task, Step<? extends A> a, Step<? extends B> b) {
        return add(TaskReferences.resolve(task), a, b);
    }

    /** A step whose task takes 3 arguments and returns a value. */
    public <T, A, B, C, R extends @Nullable Object> Step<R> step(
            TaskMethod.Value3<T, A, B, C, R> task, Step<? extends A> a, Step<? extends B> b, Step<? extends C> c) {
        return add(TaskReferences.resolve(task), a, b, c);
    }

    /** A step whose task takes 3 arguments and returns nothing. */
    public <T, A, B, C> Step<@Nullable Void> step(
            TaskMethod.Void3<T, A, B, C> task, Step<? extends A> a, Step<? extends B> b, Step<? extends C> c) {
        return add(TaskReferences.resolve(task), a, b, c);
    }

    /** A step whose task takes 3 arguments and returns a stage; it gives what the stage completes with. */
    public <T, A, B, C, R extends @Nullable Object> Step<R> step(
            TaskMethod.Async3<T, A, B, C, R> task, Step<? extends A> a, Step<? extends B> b, Step<? extends C> c) {
        return add(TaskReferences.resolve(task), a, b, c);
    }

    /** A step whose task takes 4 arguments and returns a value. */
    public <T, A, B, C, D, R extends @Nullable Object> Step<R> step(
            TaskMethod.Value4<T, A, B, C, D, R> task,
            Step<? extends A> a,
            Step<? extends B> b,
            Step<? extends C> c,
            Step<? extends D> d) {
        return add(TaskReferences.resolve(task), a, b, c, d);
    }

    /** A step whose task takes 4 arguments and returns nothing. */
    public <T, A, B, C, D> Step<@Nullable Void> step(
            TaskMethod.Void4<T, A, B, C, D> task,
            Step<? extends A> a,
            Step<? extends B> b,
            Step<? extends C> c,
            Step<? extends D> d) {
        return add(TaskReferences.resolve(task), a, b, c, d);
    }

    /** A step whose task takes 4 arguments and returns a stage; it gives what the stage completes with. */
    public <T, A, B, C, D, R extends @Nullable Object> Step<R> step(
            TaskMethod.Async4<T, A, B, C, D, R> task,
            Step<? extends A> a,
            Step<? extends B> b,
            Step<? extends C> c,
            Step<? extends D> d) {
        return add(TaskReferences.resolve(task), a, b, c, d);
    }

    /** A step whose task takes 5 arguments and returns a value. */
    public <T, A, B, C, D, E, R extends @Nullable Object> Step<R> step(
            TaskMethod.Value5<T, A, B, C, D, E, R> task,
            Step<? extends A> a,
            Step<? extends B> b,
            Step<? extends C> c,
            Step<? extends D> d,
            Step<? extends E> e) {
        return add(TaskReferences.resolve(task), a, b, c, d, e);
    }

    /** A step whose task takes 5 arguments and returns nothing. */
    public <T, A, B, C, D, E> Step<@Nullable Void> step(
            TaskMethod.Void5<T, A, B, C, D, E> task,
            Step<? extends A> a,
            Step<? extends B> b,
            Step<? extends C> c,
            Step<? extends D> d,
            Step<? extends E> e) {
        return add(TaskReferences.resolve(task), a, b, c, d, e);
    }

    /** A step whose task takes 5 arguments and returns a stage; it gives what the stage completes with. */
    public <T, A, B, C, D, E, R extends @Nullable Object> Step<R> step(
            TaskMethod.Async5<T, A, B, C, D, E, R> task,
            Step<? extends A> a,
            Step<? extends B> b,
            Step<? extends C> c,
            Step<? extends D> d,
            Step<? extends E> e) {
        return add(TaskReferences.resolve(task), a, b, c, d, e);
    }
    /**
     * A step whose task is run for each element of a list that another step gives, at the same time. What it gives is
     * the list of what they give, in the order of the elements, which has at most 1 MiB. At most 100,000 elements.
     */
    public <T, A, R extends @Nullable Object> Step<List<R>> map(
            TaskMethod.Value1<T, A, R> task, Step<? extends Collection<? extends A>> items) {
        return mapped(TaskReferences.resolve(task), items);
    }

    /** As {@link #map(TaskMethod.Value1, Step)}, of a task that returns nothing: the list holds nulls. */
    public <T, A> Step<List<@Nullable Void>> map(
            TaskMethod.Void1<T, A> task, Step<? extends Collection<? extends A>> items) {
        return mapped(TaskReferences.resolve(task), items);
    }

    /** As {@link #map(TaskMethod.Value1, Step)}, of a task that returns a stage. */
    public <T, A, R extends @Nullable Object> Step<List<R>> map(
            TaskMethod.Async1<T, A, R> task, Step<? extends Collection<? extends A>> items) {
        return mapped(TaskReferences.resolve(task), items);
    }

    /** Two steps, of which the second one waits for the elements of the first. */
    private <R extends @Nullable Object> Step<List<R>> mapped(TaskDefinition task, Step<?> items) {
        checkOwn(items);
        Step<?> map = add(StepDefinition.map(task, items.numberOfStep()));
        return add(StepDefinition.gathering(StepKind.MAPPED, List.of(map.numberOfStep())));
    }

    /**
     * A step that waits for a value that {@link WorkflowHandle#signal} sends. It waits from the start of the workflow,
     * so that a value that comes early is not lost. If none has come in time, the step counts as not run: see
     * {@link #given} and {@link #firstOf}. Several steps may wait for one signal, each with a time of its own.
     *
     * @param signal what the signal is called, printable text
     * @param type what the value is
     * @param longest how long it waits, counted from the start of the workflow, 1 ms to 10 years
     */
    public <V> Step<V> signal(String signal, Class<V> type, Duration longest) {
        return add(StepDefinition.signal(
                WorkflowNames.check(signal),
                Objects.requireNonNull(type, "type"),
                Durations.checkPositive("longest", longest)));
    }

    /** Whether a step was run: false for a signal that has not come in time, and for a branch that was not taken. */
    public Step<Boolean> given(Step<?> step) {
        return gathering(StepKind.GIVEN, List.of(step));
    }

    /** A value that is known already, for a task that takes it beside what steps give. */
    public <V extends @Nullable Object> Step<V> value(V value) {
        return Step.constant(this, value);
    }

    /** What all these steps give, in their order; without those that were not run. */
    public <R extends @Nullable Object> Step<List<R>> all(Collection<? extends Step<? extends R>> all) {
        return gathering(StepKind.COLLECT, all);
    }

    /** What all these steps give, in their order; without those that were not run. */
    @SafeVarargs
    @SuppressWarnings("varargs") // read only
    public final <R extends @Nullable Object> Step<List<R>> all(Step<? extends R>... all) {
        return gathering(StepKind.COLLECT, List.of(all));
    }

    /** What the first of these steps gives that was run: where branches come together again. */
    @SafeVarargs
    @SuppressWarnings("varargs") // read only
    public final <R extends @Nullable Object> Step<R> firstOf(Step<? extends R>... branches) {
        return gathering(StepKind.FIRST, List.of(branches));
    }

    /**
     * The steps of another workflow as a part of this one. Their names begin with this name and a slash.
     *
     * @return what it gives
     * @throws IllegalArgumentException if the other one has an id, a time to be kept for, or a policy for failures of
     *     its own: these are choices of the whole
     */
    public <R extends @Nullable Object> Step<R> include(String name, Workflow<R> nested) {
        checkOpen();
        WorkflowNames.check(name);
        if (!nested.options().equals(WorkflowOptions.DEFAULT)) {
            throw new IllegalArgumentException(
                    "workflow \"" + nested.name() + "\" cannot be a part of another one with choices of its own (id,"
                            + " keep, what is done on a failure, callbacks); make them on the"
                            + " whole workflow");
        }
        int by = steps.size();
        List<StepDefinition> parts = nested.definitions();
        List<String> names = StepNaming.names(parts);
        for (int i = 0; i < parts.size(); i++) {
            append(parts.get(i).shifted(by).withName(WorkflowNames.check(name + "/" + names.get(i))));
        }
        return Step.of(this, by + nested.resultStep());
    }

    static StepDefinition definition(Call<?> call) {
        return StepDefinition.call(
                call.task(),
                call.definition().orElse(null),
                call.options(),
                call.arguments().stream().map(StepDefinition.Input.Known::new).toList());
    }

    <R extends @Nullable Object> Step<R> follow(
            TaskDefinition task, StepDefinition.Input first, @Nullable Object... more) {
        return add(following(task, first, more));
    }

    static StepDefinition following(TaskDefinition task, StepDefinition.Input first, @Nullable Object... more) {
        Stream<StepDefinition.Input> known = Stream.of(more).map(StepDefinition.Input.Known::new);
        return StepDefinition.call(
                task.name(),
                task,
                JobOptions.defaults(),
                Stream.concat(Stream.of(first), known).toList());
    }

    private <R extends @Nullable Object> Step<R> add(TaskDefinition task, Step<?>... arguments) {
        List<StepDefinition.Input> inputs = new ArrayList<>();
        for (Step<?> argument : arguments) {
            checkOwn(argument);
            inputs.add(argument.input());
        }
        return add(StepDefinition.call(task.name(), task, JobOptions.defaults(), inputs));
    }

    private <R extends @Nullable Object> Step<R> gathering(StepKind kind, Collection<? extends Step<?>> parts) {
        List<Integer> numbers = new ArrayList<>();
        for (Step<?> part : parts) {
            checkOwn(part);
            numbers.add(part.numberOfStep());
        }
        return add(StepDefinition.gathering(kind, numbers));
    }

    private <R extends @Nullable Object> Step<R> add(StepDefinition step) {
        checkOpen();
        append(step);
        return Step.of(this, steps.size() - 1);
    }

    private void append(StepDefinition step) {
        if (steps.size() == Plan.MAX_STEPS) {
            throw new IllegalArgumentException("a workflow has at most " + Plan.MAX_STEPS + " steps");
        }
        steps.add(step);
    }

    void change(int step, UnaryOperator<StepDefinition> change) {
        checkOpen();
        // Of a map, what runs is the step before the one that waits for its elements.
        int changed = steps.get(step).kind() == StepKind.MAPPED ? step - 1 : step;
        steps.set(changed, change.apply(steps.get(changed)));
    }

    /** Of a map, the list of what its elements gave is undone. */
    void compensate(int step, StepDefinition call) {
        checkOpen();
        steps.set(step, steps.get(step).withCompensation(call));
    }

    /** Steps wait only for those that were written before them. */
    void checkBefore(Step<?> source, int step) {
        checkOwn(source);
        if (source.numberOfStep() >= step) {
            throw new IllegalArgumentException("step \"" + nameOf(step) + "\" cannot wait for step \""
                    + nameOf(source.numberOfStep())
                    + "\", which is written behind it or is the same; write that one first, in a line before");
        }
    }

    private String nameOf(int step) {
        return StepNaming.names(steps).get(step);
    }

    private void checkOwn(Step<?> step) {
        if (step.builder() != this) {
            throw new IllegalArgumentException(
                    "a step of another workflow; use include(...) for a workflow within a workflow");
        }
    }

    private void checkOpen() {
        if (isClosed) {
            throw new IllegalStateException("this workflow is written; steps are added within its function only");
        }
    }

    /** Ends the writing. */
    <R extends @Nullable Object> Workflow<R> close(String name, Step<R> result) {
        checkOwn(result);
        isClosed = true;
        return new Workflow<>(name, steps, result.numberOfStep(), WorkflowOptions.DEFAULT);
    }
}
