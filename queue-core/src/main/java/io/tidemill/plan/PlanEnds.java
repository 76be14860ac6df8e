package io.tidemill.plan;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The calls of a workflow that are no steps of it. None of them is stored before the workflow ends.
 *
 * <p>Immutable.
 *
 * @param compensations what undoes steps that have succeeded, if another one fails
 * @param callbacks what is enqueued when it has ended
 */
public record PlanEnds(List<Compensation> compensations, List<Callback> callbacks) {

    /** Nothing. */
    public static final PlanEnds NONE = new PlanEnds(List.of(), List.of());

    /** Copies the lists. */
    public PlanEnds {
        compensations = List.copyOf(compensations);
        callbacks = List.copyOf(callbacks);
    }

    /**
     * What undoes a step.
     *
     * @param place the place of the last step that has what the step gave
     * @param call its number is {@link Plan#FIRST_COMPENSATION} and that of the step
     */
    public record Compensation(int place, PlanStep call) {

        /** The number of the step. */
        public int step() {
            return call.number() - Plan.FIRST_COMPENSATION;
        }
    }

    /**
     * What is enqueued at an end.
     *
     * @param at which one
     * @param call what is enqueued
     */
    public record Callback(End at, PlanStep call) {}

    /** How a workflow has ended. */
    public enum End {
        /** It has succeeded. */
        SUCCESS(0),
        /** It has failed. */
        FAILURE(1),
        /** One of both. */
        ANY(2);

        private final int code;

        End(int code) {
            this.code = code;
        }

        /** What stands for it in bytes. */
        int code() {
            return code;
        }
    }

    /** The calls that are enqueued at this end. */
    public List<PlanStep> callbacks(End end) {
        return callbacks.stream()
                .filter(each -> Set.of(end, End.ANY).contains(each.at()))
                .map(Callback::call)
                .toList();
    }

    /** The call that undoes a step. */
    public Optional<Compensation> compensation(int step) {
        return compensations.stream().filter(each -> each.step() == step).findFirst();
    }
}
