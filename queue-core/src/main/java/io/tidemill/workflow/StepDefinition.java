package io.tidemill.workflow;

import io.tidemill.plan.StepKind;
import io.tidemill.task.JobOptions;
import io.tidemill.task.TaskDefinition;
import java.lang.invoke.MethodType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One step as the user wrote it. Steps are named by their numbers; each refers only to lower ones, so a cycle cannot be
 * written.
 *
 * <p>Immutable, as far as the constants are.
 *
 * @param name what the user called it; null for a name made of its task
 * @param kind what it does
 * @param task the name of its task; that of the kind if it runs none
 * @param declared what is declared of the task, or the type of a signal; null for a task that is known by name only
 * @param options the choices of this step
 * @param inputs where its arguments come from; of a step that runs no task, what it waits for
 * @param after steps that it waits for without taking what they gave
 * @param conditions steps that decide whether it is run
 * @param compensation the call that undoes it if the workflow fails, which may take what it gave; null for none
 */
record StepDefinition(
        @Nullable String name,
        StepKind kind,
        String task,
        @Nullable TaskDefinition declared,
        JobOptions options,
        List<Input> inputs,
        List<Integer> after,
        List<Condition> conditions,
        @Nullable StepDefinition compensation) {

    StepDefinition {
        inputs = List.copyOf(inputs);
        after = List.copyOf(after);
        conditions = List.copyOf(conditions);
    }

    /** The header of a step that waits for a signal: which one. */
    static final String SIGNAL = "tidemill.signal";

    /** A header of such a step: the simple name of the type of its value, which is compared and never looked up. */
    static final String SIGNAL_TYPE = "tidemill.signal-type";

    /** What a header says of the type of a signal. */
    static String typeName(Class<?> type) {
        return MethodType.methodType(type).wrap().returnType().getSimpleName();
    }

    /** Where an argument comes from. */
    sealed interface Input {

        /** The steps that it comes from. */
        IntStream sources();

        /** The same, with this added to each number of a step. */
        Input shifted(int by);

        /** Known when the workflow is written. */
        record Known(@Nullable Object value) implements Input {

            @Override
            public IntStream sources() {
                return IntStream.empty();
            }

            @Override
            public Input shifted(int by) {
                return this;
            }
        }

        /** What a step gives. */
        record Of(int step) implements Input {

            @Override
            public IntStream sources() {
                return IntStream.of(step);
            }

            @Override
            public Input shifted(int by) {
                return new Of(step + by);
            }
        }
    }

    /** This step must give this boolean. */
    record Condition(int step, boolean expected) {}

    /** Runs a task. */
    static StepDefinition call(
            String task, @Nullable TaskDefinition declared, JobOptions options, List<? extends Input> inputs) {
        return new StepDefinition(
                null, StepKind.CALL, task, declared, options, List.copyOf(inputs), List.of(), List.of(), null);
    }

    /** Waits for a value from outside. Several may wait for the same signal. */
    static StepDefinition signal(String signal, Class<?> type, Duration longest) {
        JobOptions options = JobOptions.defaults()
                .withHeader(SIGNAL, signal)
                .withHeader(SIGNAL_TYPE, typeName(type))
                .withDelay(longest);
        return new StepDefinition(
                null,
                StepKind.SIGNAL,
                StepKind.SIGNAL.task(),
                TaskDefinition.of(StepKind.SIGNAL.task(), null, List.of(type), type),
                options,
                List.of(),
                List.of(),
                List.of(),
                null);
    }

    /** Runs a task for each element of what this step gives. */
    static StepDefinition map(TaskDefinition task, int items) {
        return new StepDefinition(
                null,
                StepKind.MAP,
                task.name(),
                task,
                JobOptions.defaults(),
                List.of(new Input.Of(items)),
                List.of(),
                List.of(),
                null);
    }

    /** Waits for these steps and makes one value of what they give. */
    static StepDefinition gathering(StepKind kind, List<Integer> steps) {
        return new StepDefinition(
                null,
                kind,
                kind.task(),
                null,
                JobOptions.defaults(),
                steps.stream().map(Input.Of::new).map(Input.class::cast).toList(),
                List.of(),
                List.of(),
                null);
    }

    StepDefinition withName(@Nullable String value) {
        return new StepDefinition(value, kind, task, declared, options, inputs, after, conditions, compensation);
    }

    StepDefinition with(UnaryOperator<JobOptions> change) {
        if (!kind.hasTask()) {
            throw new IllegalArgumentException(
                    "a step that only gathers what others give runs no task, so it has no choices; make them on the"
                            + " step that takes it");
        }
        return new StepDefinition(
                name, kind, task, declared, change.apply(options), inputs, after, conditions, compensation);
    }

    StepDefinition withAfter(List<Integer> more) {
        checkMayWait();
        return new StepDefinition(
                name, kind, task, declared, options, inputs, joined(after, more), conditions, compensation);
    }

    StepDefinition withCondition(Condition more) {
        checkMayWait();
        return new StepDefinition(
                name, kind, task, declared, options, inputs, after, joined(conditions, List.of(more)), compensation);
    }

    StepDefinition withCompensation(StepDefinition call) {
        if (compensation != null) {
            throw new IllegalArgumentException("this step has a call that compensates it: " + compensation.task());
        }
        return new StepDefinition(name, kind, task, declared, options, inputs, after, conditions, call);
    }

    private void checkMayWait() {
        if (kind == StepKind.SIGNAL) {
            throw new IllegalArgumentException(
                    "a signal is waited for from the start of its workflow, and not after other steps; let a step that"
                            + " takes it wait for them");
        }
    }

    /** The same as a part of another workflow: its numbers are higher by so much. */
    StepDefinition shifted(int by) {
        return new StepDefinition(
                name,
                kind,
                task,
                declared,
                options,
                inputs.stream().map(input -> input.shifted(by)).toList(),
                after.stream().map(step -> step + by).toList(),
                conditions.stream()
                        .map(each -> new Condition(each.step() + by, each.expected()))
                        .toList(),
                compensation == null ? null : compensation.shifted(by));
    }

    /** Every step that it waits for; one that gives it several things comes several times. */
    IntStream sources() {
        return IntStream.concat(
                inputs.stream().flatMapToInt(Input::sources),
                IntStream.concat(
                        after.stream().mapToInt(Integer::intValue),
                        conditions.stream().mapToInt(Condition::step)));
    }

    static <V> List<V> joined(List<V> some, List<V> more) {
        return Stream.concat(some.stream(), more.stream()).toList();
    }

    /** The same steps and this one. */
    static List<StepDefinition> added(List<StepDefinition> steps, StepDefinition step) {
        List<StepDefinition> all = new ArrayList<>(steps);
        all.add(step);
        return all;
    }
}
