package io.tidemill.plan;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One step of a plan, with all that follows on it and is stored by its own completion. So a worker that runs it needs
 * nothing but the record of its job.
 *
 * <p>Immutable, except that bytes are not copied.
 *
 * @param number from 0; a step waits only for steps with lower numbers
 * @param name unique in the plan
 * @param kind what it does
 * @param queue where its job is stored
 * @param job its record, as {@code JobCodec} writes it: with the arguments if {@link #arguments} is empty
 * @param start when and how its job is stored
 * @param places how many steps it waits for
 * @param arguments where each argument comes from; empty if no argument comes from a step
 * @param guards what its inputs must be, or it is not run
 * @param makes the steps of the same queue that wait for nothing but this one: its completion stores them
 * @param fills the places that its completion fills
 * @param endKeepMillis if it is the last step, how long the workflow is kept after it, ms; 0 if it is not
 */
public record PlanStep(
        int number,
        String name,
        StepKind kind,
        String queue,
        byte[] job,
        Start start,
        int places,
        List<Argument> arguments,
        List<Guard> guards,
        List<PlanStep> makes,
        List<Target> fills,
        long endKeepMillis) {

    /** Most elements of a map. */
    public static final int MAX_ELEMENTS = 100_000;

    /** Copies the lists. */
    public PlanStep {
        arguments = List.copyOf(arguments);
        guards = List.copyOf(guards);
        makes = List.copyOf(makes);
        fills = List.copyOf(fills);
    }

    /**
     * When and how the job of a step is stored.
     *
     * @param priority 0 to 9
     * @param delayMillis how long it waits once all that it needs is there, ms
     * @param group whose turn it takes; null for none
     */
    public record Start(
            int priority, long delayMillis, @Nullable String group) {}

    /** Whether the workflow has succeeded when this step has. */
    public boolean isLast() {
        return endKeepMillis > 0;
    }

    /** Whether the value of this place may be missing, because nothing but lists and choices are made of it. */
    public boolean mayMiss(int place) {
        return kind.isGathering() || arguments.stream().anyMatch(each -> mayMiss(each, place));
    }

    private static boolean mayMiss(Argument argument, int place) {
        if (argument instanceof Argument.Places list) {
            return isWithin(place, list.from(), list.count());
        }
        return argument instanceof Argument.FirstOf first && isWithin(place, first.from(), first.count());
    }

    private static boolean isWithin(int place, int from, int count) {
        return place >= from && place < from + count;
    }

    /**
     * Of a map, the call for one element. Its job has the same number and an id of its own.
     *
     * @param index which element, from 0: its value fills the next place of the list, as the first is the map's own
     */
    public PlanStep element(int index) {
        return new PlanStep(
                number,
                name,
                StepKind.CALL,
                queue,
                job,
                new Start(start.priority(), 0, start.group()),
                1,
                List.of(new Argument.Place(0)),
                List.of(),
                List.of(),
                fills.stream()
                        .map(target -> new Target(target.queue(), target.step(), index + 1))
                        .toList(),
                0);
    }

    /** Of a call that is no step: the same, which lets that one begin when it has succeeded. */
    public PlanStep before(PlanStep next) {
        return new PlanStep(
                number,
                name,
                kind,
                queue,
                job,
                start,
                places,
                arguments,
                guards,
                makes,
                List.of(new Target(next.queue(), next.number(), 0)),
                endKeepMillis);
    }

    /** The same with another record. */
    public PlanStep withJob(byte[] value) {
        return new PlanStep(
                number, name, kind, queue, value, start, places, arguments, guards, makes, fills, endKeepMillis);
    }

    /** Gives this step and all that its completion makes, each before those that follow on it. */
    public void forEach(Consumer<PlanStep> action) {
        action.accept(this);
        makes.forEach(each -> each.forEach(action));
    }
}
