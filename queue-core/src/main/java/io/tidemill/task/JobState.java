package io.tidemill.task;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a job is. A job is in exactly one state; {@link #transitions()} is the only place in the code that says which
 * moves there are, and {@code docs/lifecycle.md} is generated from it.
 *
 * <p>States may be added in later releases: a {@code switch} over them needs a {@code default} branch.
 */
public enum JobState {
    /** Delayed, or waiting for another try. */
    SCHEDULED,
    /** May be claimed now. */
    READY,
    /** Claimed by a worker that holds a lease on it. */
    ACTIVE,
    /** Waits for other jobs, as a step of a workflow: some of its places are not filled. */
    WAITING,
    /** Ran to its end. Remembered as long as its result is kept, or the job itself. */
    SUCCEEDED,
    /** Given up; kept with reason and payload for an operator to see and redrive. */
    DEAD,
    /** Cancelled by request or by its own code. */
    CANCELLED,
    /** Had not started by the time that it was wanted by. */
    EXPIRED;

    /** Whether the job has ended: it does not run again unless an operator redrives it. */
    public boolean isFinal() {
        return this == SUCCEEDED || this == DEAD || this == CANCELLED || this == EXPIRED;
    }

    /**
     * One move that a job can make.
     *
     * @param from the state before; null for a job that is new
     * @param cause what makes it move
     * @param to the state after
     */
    public record Transition(@Nullable JobState from, String cause, JobState to) {}

    private static final List<Transition> TRANSITIONS = List.of(
            new Transition(null, "enqueue", READY),
            new Transition(null, "enqueue with a delay", SCHEDULED),
            new Transition(null, "store with places", WAITING),
            new Transition(WAITING, "fill: its last place has a value", READY),
            new Transition(WAITING, "cancel", CANCELLED),
            new Transition(WAITING, "expire: not started in time", EXPIRED),
            new Transition(SCHEDULED, "fill: its last place has a value", READY),
            new Transition(SCHEDULED, "promote: its time has come, or an operator says now", READY),
            new Transition(SCHEDULED, "cancel, or replaced by a job with the same unique key", CANCELLED),
            new Transition(SCHEDULED, "expire: not started in time", EXPIRED),
            new Transition(READY, "claim", ACTIVE),
            new Transition(READY, "cancel, or replaced by a job with the same unique key", CANCELLED),
            new Transition(READY, "expire: not started in time", EXPIRED),
            new Transition(ACTIVE, "complete", SUCCEEDED),
            new Transition(ACTIVE, "fail: attempts are left", SCHEDULED),
            new Transition(ACTIVE, "fail: no attempts left, or not to be retried", DEAD),
            new Transition(ACTIVE, "release with a delay: snoozed, or task unknown here", SCHEDULED),
            new Transition(ACTIVE, "release: not started at shutdown, or interrupted by it", READY),
            new Transition(ACTIVE, "recover: its lease ended", READY),
            new Transition(ACTIVE, "recover: its lease ended too often", DEAD),
            new Transition(ACTIVE, "cancel", CANCELLED),
            new Transition(DEAD, "redrive", READY),
            new Transition(DEAD, "redrive at a rate", SCHEDULED));

    /** Every move that a job can make. */
    public static List<Transition> transitions() {
        return TRANSITIONS;
    }

    /** Whether a job in this state can move to the other in one step. */
    public boolean canBecome(JobState next) {
        return TRANSITIONS.stream().anyMatch(t -> t.from() == this && t.to() == next);
    }
}
