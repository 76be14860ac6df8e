package io.tidemill.conformance.fault;

import static io.tidemill.client.Call.call;

import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.workflow.Step;
import io.tidemill.workflow.Workflow;
import io.tidemill.workflow.WorkflowBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A workflow of a random shape and what it has to end with, as a plain evaluation in the same process says. The same
 * seed gives the same workflow.
 *
 * <p>Its steps are calls with and without arguments from steps, joins of two and three, lists, branches that are taken
 * or not, places where branches come together, steps that give nothing, and steps that only wait; each in one of
 * several queues.
 *
 * <p>Immutable.
 */
public final class RandomWorkflow {

    /** The queues of the steps. */
    public static final List<String> QUEUES = List.of("a", "b", "c");

    private static final int MOST_STEPS = 24;
    private static final int MOST_IN_A_LIST = 5;
    private static final int LARGE = 1_000_003;

    /** The tasks of the steps. */
    public static class Tasks {

        @Task(queue = "a", retry = @Retry(maxAttempts = 50, delay = "1ms", maxDelay = "1ms"))
        public int constant(int value) {
            return value;
        }

        @Task(queue = "a", retry = @Retry(maxAttempts = 50, delay = "1ms", maxDelay = "1ms"))
        public int twice(int value) {
            return mixed(2, value);
        }

        @Task(queue = "b", retry = @Retry(maxAttempts = 50, delay = "1ms", maxDelay = "1ms"))
        public int join(int one, int other) {
            return mixed(one, other);
        }

        @Task(queue = "c", retry = @Retry(maxAttempts = 50, delay = "1ms", maxDelay = "1ms"))
        public int joinThree(int one, String text, int other) {
            return mixed(mixed(one, text.length()), other);
        }

        @Task(queue = "a", retry = @Retry(maxAttempts = 50, delay = "1ms", maxDelay = "1ms"))
        public int all(List<Integer> values) {
            return values.stream().reduce(values.size(), RandomWorkflow::mixed);
        }

        @Task(queue = "c", retry = @Retry(maxAttempts = 50, delay = "1ms", maxDelay = "1ms"))
        public List<Integer> list(int value) {
            return IntStream.range(0, value % MOST_IN_A_LIST)
                    .mapToObj(i -> mixed(value, i))
                    .toList();
        }

        @Task(queue = "b", retry = @Retry(maxAttempts = 50, delay = "1ms", maxDelay = "1ms"))
        public boolean isOdd(int value) {
            return value % 2 != 0;
        }

        @Task(queue = "c", retry = @Retry(maxAttempts = 50, delay = "1ms", maxDelay = "1ms"))
        public void nothing(int value) {}
    }

    /** A step and what it gives: a number, or null if it is not run. */
    private record Made(Step<Integer> step, @Nullable Integer value) {}

    private final Random random;
    private final List<Made> made = new ArrayList<>();
    private final Workflow<List<Integer>> workflow;
    private final List<Integer> expected = new ArrayList<>();

    private RandomWorkflow(long seed) {
        this.random = new Random(seed);
        this.workflow = Workflow.workflow("random-" + seed, this::write);
    }

    /** The workflow of this seed. */
    public static RandomWorkflow of(long seed) {
        return new RandomWorkflow(seed);
    }

    /** What is to be started. */
    public Workflow<List<Integer>> workflow() {
        return workflow;
    }

    /** What it has to end with. */
    public List<Integer> expected() {
        return List.copyOf(expected);
    }

    private static int mixed(int one, int other) {
        return Math.floorMod(31 * one + 17 * other + 5, LARGE);
    }

    private Step<List<Integer>> write(WorkflowBuilder w) {
        int size = 1 + random.nextInt(MOST_STEPS);
        for (int i = 0; i < size; i++) {
            Made next = made.isEmpty() ? constant(w) : next(w);
            made.add(next);
        }
        List<Step<Integer>> last = new ArrayList<>();
        int from = random.nextInt(made.size());
        for (Made each : made.subList(from, made.size())) {
            last.add(each.step());
            if (each.value() != null) {
                expected.add(each.value());
            }
        }
        return w.all(last);
    }

    private Made next(WorkflowBuilder w) {
        return switch (random.nextInt(10)) {
            case 0 -> constant(w);
            case 1, 2 -> twice(w);
            case 3 -> join(w);
            case 4 -> joinThree(w);
            case 5 -> list(w);
            case 6 -> branches(w);
            case 7 -> after(w);
            case 8 -> map(w);
            default -> nothing(w);
        };
    }

    private Made any() {
        return made.get(random.nextInt(made.size()));
    }

    private <R> Step<R> placed(Step<R> step) {
        return random.nextBoolean()
                ? step
                : step.with(options -> options.withQueue(QUEUES.get(random.nextInt(QUEUES.size()))));
    }

    private Made constant(WorkflowBuilder w) {
        int value = random.nextInt(LARGE);
        return new Made(placed(w.step(call(Tasks::constant, value))), value);
    }

    private Made twice(WorkflowBuilder w) {
        Made one = any();
        return new Made(placed(w.step(Tasks::twice, one.step())), one.value() == null ? null : mixed(2, one.value()));
    }

    private Made join(WorkflowBuilder w) {
        Made one = any();
        Made other = any();
        return new Made(placed(w.step(Tasks::join, one.step(), other.step())), joined(one.value(), other.value()));
    }

    private Made joinThree(WorkflowBuilder w) {
        Made one = any();
        Made other = any();
        String text = "x".repeat(random.nextInt(MOST_IN_A_LIST));
        return new Made(
                placed(w.step(Tasks::joinThree, one.step(), w.value(text), other.step())),
                joined(joined(one.value(), text.length()), other.value()));
    }

    private Made list(WorkflowBuilder w) {
        List<Step<Integer>> steps = new ArrayList<>();
        List<Integer> values = new ArrayList<>();
        int size = random.nextInt(MOST_IN_A_LIST);
        for (int i = 0; i < size; i++) {
            Made each = any();
            steps.add(each.step());
            if (each.value() != null) {
                values.add(each.value());
            }
        }
        return new Made(
                placed(w.step(Tasks::all, w.all(steps))), values.stream().reduce(values.size(), RandomWorkflow::mixed));
    }

    private Made branches(WorkflowBuilder w) {
        Made decides = any();
        Made one = any();
        Made other = any();
        Step<Boolean> isOdd = placed(w.step(Tasks::isOdd, decides.step()));
        Step<Integer> odd = placed(w.step(Tasks::twice, one.step())).when(isOdd);
        Step<Integer> even =
                placed(w.step(Tasks::join, other.step(), w.value(7))).unless(isOdd);
        Integer value = decides.value() == null
                ? null
                : decides.value() % 2 != 0 ? doubled(one.value()) : joined(other.value(), 7);
        if (random.nextBoolean()) {
            // The branch as it is, perhaps not run, for others to build on.
            boolean isTaken = decides.value() != null && decides.value() % 2 != 0;
            return new Made(odd, isTaken ? doubled(one.value()) : null);
        }
        return new Made(placed(w.step(Tasks::twice, w.firstOf(odd, even))), value == null ? null : mixed(2, value));
    }

    private static @Nullable Integer doubled(@Nullable Integer value) {
        return value == null ? null : mixed(2, value);
    }

    private static @Nullable Integer joined(@Nullable Integer one, @Nullable Integer other) {
        return one == null || other == null ? null : mixed(one, other);
    }

    private Made after(WorkflowBuilder w) {
        Made one = any();
        int value = random.nextInt(LARGE);
        return new Made(
                placed(w.step(call(Tasks::constant, value))).after(one.step()), one.value() == null ? null : value);
    }

    /** A list that a step gives, and a task for each element of it. */
    private Made map(WorkflowBuilder w) {
        Made one = any();
        Step<List<Integer>> list = placed(w.step(Tasks::list, one.step()));
        Step<Integer> all = placed(w.step(Tasks::all, placed(w.map(Tasks::twice, list))));
        Integer value = one.value();
        if (value == null) {
            return new Made(all, null);
        }
        List<Integer> elements =
                new Tasks().list(value).stream().map(each -> mixed(2, each)).toList();
        return new Made(all, elements.stream().reduce(elements.size(), RandomWorkflow::mixed));
    }

    /** A step that gives nothing, and one that waits for it. */
    private Made nothing(WorkflowBuilder w) {
        Made one = any();
        Step<Void> nothing = placed(w.step(Tasks::nothing, one.step()));
        int value = random.nextInt(LARGE);
        return new Made(placed(nothing.thenRun(call(Tasks::constant, value))), one.value() == null ? null : value);
    }
}
