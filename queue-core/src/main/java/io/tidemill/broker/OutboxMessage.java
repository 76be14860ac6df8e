package io.tidemill.broker;

import java.util.function.Function;

/**
 * What a queue keeps until somebody has carried it elsewhere: {@link WorkflowStore#outbox}. A message never creates a
 * job, so one that is carried twice, or late, does nothing more.
 */
public sealed interface OutboxMessage {

    /** Which message of its queue this is; no two have the same number, and later ones have higher ones. */
    long number();

    /** What the function for its case returns. A release that adds a case adds a function here. */
    default <T> T match(
            Function<? super Filling, ? extends T> filling,
            Function<? super Ended, ? extends T> ended,
            Function<? super Ending, ? extends T> ending) {
        if (this instanceof Filling it) {
            return filling.apply(it);
        }
        return this instanceof Ended it ? ended.apply(it) : ending.apply((Ending) this);
    }

    /**
     * A place of a job in another queue is to be filled.
     *
     * @param fill which, and with what
     */
    record Filling(long number, Fill fill) implements OutboxMessage {}

    /**
     * A job of a workflow has ended without success.
     *
     * @param job the job. One that is dead is still there, unless it was redriven or taken out since
     * @param member what it says of its workflow
     * @param end how it ended
     */
    record Ended(long number, String job, WorkflowMember member, StepEnd end) implements OutboxMessage {}

    /**
     * A workflow has succeeded with a job of this queue, and its home is another one.
     *
     * @param member what the job says of its workflow
     * @param end what its record is to say
     */
    record Ending(long number, WorkflowMember member, WorkflowEnd end) implements OutboxMessage {}
}
