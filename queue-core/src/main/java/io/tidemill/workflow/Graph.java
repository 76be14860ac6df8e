package io.tidemill.workflow;

import io.tidemill.plan.Argument;
import io.tidemill.plan.Guard;
import io.tidemill.plan.StepKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a workflow with their places. A list of several steps, or the first one of several, that only one call
 * takes is no step of its own: the call has a place for each of them. A workflow of which several steps have nothing
 * behind them has one more step, which waits for all of those.
 *
 * <p>Immutable.
 */
final class Graph {

    /**
     * What a step waits for.
     *
     * @param sources the step of each place
     * @param arguments where each argument comes from; null for one that is known. Empty if all are
     * @param guards what its inputs must be
     */
    record Needs(List<Integer> sources, List<@Nullable Argument> arguments, List<Guard> guards) {}

    private final List<StepDefinition> steps;
    private final int last;
    /** From which place on the last step has what steps gave that can be undone. */
    private final int firstTimed;
    /** Those that a call takes apart. */
    private final Set<Integer> inlined = new HashSet<>();

    Graph(Workflow<?> workflow) {
        List<StepDefinition> written = workflow.definitions();
        int[] uses = uses(written);
        List<Integer> ends = IntStream.range(0, written.size())
                .filter(step -> uses[step] == 0)
                .boxed()
                .toList();
        int result = workflow.resultStep();
        List<Integer> undone = IntStream.range(0, written.size())
                .filter(step -> written.get(step).compensation() != null)
                .boxed()
                .toList();
        boolean isClosed = !undone.isEmpty() || !workflow.options().callbacks().isEmpty();
        boolean isOneEnd = !isClosed && ends.equals(List.of(result));
        List<Integer> all = all(result, ends);
        this.firstTimed = all.size();
        this.steps = isOneEnd
                ? written
                : StepDefinition.added(
                        written,
                        isClosed
                                ? StepDefinition.gathering(StepKind.CLOSE, StepDefinition.joined(all, undone))
                                : StepDefinition.gathering(StepKind.END, all));
        this.last = isOneEnd ? result : written.size();
        for (int i = 0; i < steps.size(); i++) {
            if (steps.get(i).kind() == StepKind.CALL) {
                steps.get(i)
                        .inputs()
                        .forEach(input -> input.sources()
                                .filter(source -> source != last && uses[source] == 1 && isGathering(source))
                                .forEach(inlined::add));
            }
        }
    }

    private static int[] uses(List<StepDefinition> steps) {
        int[] uses = new int[steps.size()];
        steps.forEach(step -> step.sources().forEach(source -> uses[source]++));
        return uses;
    }

    /** What the last step waits for: the result, and all steps that have nothing behind them. */
    private static List<Integer> all(int result, List<Integer> ends) {
        Set<Integer> all = new LinkedHashSet<>();
        all.add(result);
        all.addAll(ends);
        return List.copyOf(all);
    }

    /** Whether nothing is lost if this is no step of its own. */
    private boolean isGathering(int step) {
        StepDefinition definition = steps.get(step);
        return (definition.kind() == StepKind.COLLECT || definition.kind() == StepKind.FIRST)
                && definition.name() == null
                && definition.compensation() == null
                && definition.after().isEmpty()
                && definition.conditions().isEmpty();
    }

    List<StepDefinition> steps() {
        return steps;
    }

    /** The step with which the workflow has ended. */
    int last() {
        return last;
    }

    /** Whether the value of a place says when the step succeeded that gave it. */
    boolean isTimed(int step, int place) {
        return steps.get(step).kind() == StepKind.CLOSE && place >= firstTimed;
    }

    /** The place of the last step that has what this one gave, to undo it. */
    int placeToUndo(int step) {
        return firstTimed
                + (int) steps.stream()
                        .limit(step)
                        .filter(each -> each.compensation() != null)
                        .count();
    }

    /** Whether it is a step of its own. */
    boolean isStep(int step) {
        return !inlined.contains(step);
    }

    /** What a step waits for. */
    Needs needs(int step) {
        StepDefinition definition = steps.get(step);
        List<Integer> sources = new ArrayList<>();
        Map<Integer, Integer> places = new HashMap<>();
        List<@Nullable Argument> arguments = new ArrayList<>();
        boolean isCall = definition.kind() == StepKind.CALL;
        for (StepDefinition.Input input : definition.inputs()) {
            arguments.add(
                    input instanceof StepDefinition.Input.Of of ? argument(of.step(), sources, places, isCall) : null);
        }
        definition.after().forEach(source -> placeOf(source, sources, places));
        List<Guard> guards = definition.conditions().stream()
                .map(each -> new Guard(placeOf(each.step(), sources, places), each.expected()))
                .toList();
        boolean isAllKnown = arguments.stream().allMatch(argument -> argument == null);
        return new Needs(sources, isCall && !isAllKnown ? arguments : List.of(), guards);
    }

    private Argument argument(int source, List<Integer> sources, Map<Integer, Integer> places, boolean isCall) {
        if (isStep(source)) {
            if (isCall) {
                return new Argument.Place(placeOf(source, sources, places));
            }
            sources.add(source);
            return new Argument.Place(sources.size() - 1);
        }
        StepDefinition gathering = steps.get(source);
        int from = sources.size();
        gathering.inputs().forEach(input -> input.sources().forEach(sources::add));
        int count = sources.size() - from;
        return gathering.kind() == StepKind.COLLECT
                ? new Argument.Places(from, count)
                : new Argument.FirstOf(from, count);
    }

    /** A step has one place for all that it is needed for, but another one in each list: there it may be missing. */
    private static int placeOf(int source, List<Integer> sources, Map<Integer, Integer> places) {
        return places.computeIfAbsent(source, step -> {
            sources.add(step);
            return sources.size() - 1;
        });
    }
}
