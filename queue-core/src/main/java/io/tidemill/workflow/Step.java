package io.tidemill.workflow;

import io.tidemill.client.Call;
import io.tidemill.definition.TaskReferences;
import io.tidemill.task.JobOptions;
import io.tidemill.task.TaskDefinition;
import io.tidemill.task.TaskMethod;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A step of a workflow that is being written, and what it will give. Steps that take it as an argument wait for it; the
 * compiler checks that it fits.
 *
 * <p>Used by one thread: that of the {@link WorkflowBuilder} that made it.
 *
 * @param <R> what it gives; {@code Void} if nothing
 */
@SuppressWarnings("overloads") // exact method references tell value from void; tried on 17 and 25
public final class Step<R extends @Nullable Object> {

    private static final int CONSTANT = -1;

    private final WorkflowBuilder builder;
    private final int number;
    private final @Nullable Object value;

    private Step(WorkflowBuilder builder, int number, @Nullable Object value) {
        this.builder = builder;
        this.number = number;
        this.value = value;
    }

    static <R extends @Nullable Object> Step<R> of(WorkflowBuilder builder, int number) {
        return new Step<>(builder, number, null);
    }

    static <R extends @Nullable Object> Step<R> constant(WorkflowBuilder builder, R value) {
        return new Step<>(builder, CONSTANT, value);
    }

    /** The same step under a name of yours, printable text of 1 to 128 characters; without one it has its task's. */
    public Step<R> named(String name) {
        return changed(step -> step.withName(WorkflowNames.check(name)));
    }

    /**
     * The same step with other choices, as its queue, priority, timeout or retries. A delay counts from when it has all
     * that it needs.
     */
    public Step<R> with(UnaryOperator<JobOptions> choices) {
        return changed(step -> step.with(choices));
    }

    /** The same step, run after these have succeeded, whatever they give. */
    public Step<R> after(Step<?>... steps) {
        List<Integer> numbers = Arrays.stream(steps).map(Step::numberOfStep).toList();
        List.of(steps).forEach(each -> builder.checkBefore(each, number));
        return changed(step -> step.withAfter(numbers));
    }

    /** The same step, run only if that one gives true. If not, steps that need what it gives are not run either. */
    public Step<R> when(Step<Boolean> condition) {
        return conditional(condition, true);
    }

    /** The same step, run only if that one gives false. If not, steps that need what it gives are not run either. */
    public Step<R> unless(Step<Boolean> condition) {
        return conditional(condition, false);
    }

    private Step<R> conditional(Step<Boolean> condition, boolean expected) {
        int source = condition.numberOfStep();
        builder.checkBefore(condition, number);
        return changed(step -> step.withCondition(new StepDefinition.Condition(source, expected)));
    }

    /**
     * The same step, which is undone by this task if the workflow fails after it has succeeded. The task takes what the
     * step gave, and what it returns is not used. See {@link Workflow#compensateWith(TaskMethod.Void1)}.
     */
    public <T> Step<R> compensateWith(TaskMethod.Void1<T, R> task) {
        return compensated(TaskReferences.resolve(task));
    }

    /** As {@link #compensateWith(TaskMethod.Void1)}, with a task that returns a value. */
    public <T, S extends @Nullable Object> Step<R> compensateWith(TaskMethod.Value1<T, R, S> task) {
        return compensated(TaskReferences.resolve(task));
    }

    /** As {@link #compensateWith(TaskMethod.Void1)}, with a task that returns a stage. */
    public <T, S extends @Nullable Object> Step<R> compensateWith(TaskMethod.Async1<T, R, S> task) {
        return compensated(TaskReferences.resolve(task));
    }

    /** As {@link #compensateWith(TaskMethod.Void1)}, with a call that takes nothing of the step. */
    public Step<R> compensateWith(Call<?> call) {
        builder.compensate(numberOfStep(), WorkflowBuilder.definition(call));
        return this;
    }

    private Step<R> compensated(TaskDefinition task) {
        int step = numberOfStep();
        builder.compensate(step, WorkflowBuilder.following(task, new StepDefinition.Input.Of(step)));
        return this;
    }

    /** A step whose task takes what this gives, and returns a value. */
    public <T, S extends @Nullable Object> Step<S> then(TaskMethod.Value1<T, R, S> task) {
        return followed(TaskReferences.resolve(task));
    }

    /** A step whose task takes what this gives, and returns nothing. */
    public <T> Step<@Nullable Void> then(TaskMethod.Void1<T, R> task) {
        return followed(TaskReferences.resolve(task));
    }

    /** A step whose task takes what this gives, and returns a stage; it gives what the stage completes with. */
    public <T, S extends @Nullable Object> Step<S> then(TaskMethod.Async1<T, R, S> task) {
        return followed(TaskReferences.resolve(task));
    }

    /** A step whose task takes what this gives, and one more argument, and returns a value. */
    public <T, B, S extends @Nullable Object> Step<S> then(TaskMethod.Value2<T, R, B, S> task, B more) {
        return followed(TaskReferences.resolve(task), more);
    }

    /** A step whose task takes what this gives, and one more argument, and returns nothing. */
    public <T, B> Step<@Nullable Void> then(TaskMethod.Void2<T, R, B> task, B more) {
        return followed(TaskReferences.resolve(task), more);
    }

    /**
     * A step whose task takes what this gives, and one more argument, and returns a stage; it gives what the stage
     * completes with.
     */
    public <T, B, S extends @Nullable Object> Step<S> then(TaskMethod.Async2<T, R, B, S> task, B more) {
        return followed(TaskReferences.resolve(task), more);
    }
    /** A step that is run when this one has succeeded, and takes nothing of it. */
    public <S extends @Nullable Object> Step<S> thenRun(Call<S> call) {
        return builder.step(call).after(this);
    }

    private <S extends @Nullable Object> Step<S> followed(TaskDefinition task, @Nullable Object... more) {
        return builder.follow(task, input(), more);
    }

    private Step<R> changed(UnaryOperator<StepDefinition> change) {
        builder.change(numberOfStep(), change);
        return this;
    }

    /** Where a step comes from that takes this one. */
    StepDefinition.Input input() {
        return number == CONSTANT ? new StepDefinition.Input.Known(value) : new StepDefinition.Input.Of(number);
    }

    int numberOfStep() {
        if (number == CONSTANT) {
            throw new IllegalArgumentException(
                    "a value that is known when the workflow is written is no step: it has no name, waits for nothing,"
                            + " and nothing can wait for it");
        }
        return number;
    }

    WorkflowBuilder builder() {
        return builder;
    }
}
