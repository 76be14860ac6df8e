package io.tidemill.worker;

import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.event.QueueEvent;
import java.time.Duration;

/**
 * A run that has ended and is on its way to be recorded.
 *
 * @param attempt the run
 * @param completion what the broker is told
 * @param why how it ended, in one line, for listeners
 * @param took how long the user's code ran
 * @param holdsSlot whether its slot is still taken; not when it is sent again
 */
record Ended(Attempt attempt, Completion completion, String why, Duration took, boolean holdsSlot) {

    /** How many bytes it brings along. */
    int weight() {
        if (completion instanceof Completion.Succeeded done) {
            return done.result() == null ? 0 : done.result().length;
        }
        if (completion instanceof Completion.Retry retry) {
            return retry.failure().length;
        }
        return completion instanceof Completion.Dead dead ? dead.failure().length : 0;
    }

    /** The same, to be sent once more. */
    Ended again() {
        return new Ended(attempt, completion, why, took, false);
    }

    /** Whether an answer to this was lost, so that a refusal now does not say that it was not recorded before. */
    boolean mayBeRecorded() {
        return !holdsSlot;
    }

    /** What listeners are told once the broker has answered. */
    QueueEvent event(CompletionReply reply) {
        String queue = attempt.queue();
        String id = attempt.jobId();
        String task = attempt.task();
        int number = attempt.attempt();
        if (reply == CompletionReply.STALE) {
            return new QueueEvent.LeaseLost(queue, id, task, number, mayBeRecorded());
        }
        if (reply == CompletionReply.CANCELLED) {
            return new QueueEvent.Cancelled(queue, id, task, "cancelled while it ran");
        }
        if (completion instanceof Completion.Succeeded) {
            return new QueueEvent.Succeeded(queue, id, task, number, took);
        }
        if (completion instanceof Completion.Retry retry) {
            return new QueueEvent.Retrying(queue, id, task, number, why, Duration.ofMillis(retry.delayMillis()));
        }
        if (completion instanceof Completion.Release release) {
            return new QueueEvent.Released(queue, id, task, number, why, Duration.ofMillis(release.delayMillis()));
        }
        if (completion instanceof Completion.Cancelled) {
            return new QueueEvent.Cancelled(queue, id, task, why);
        }
        return new QueueEvent.Died(queue, id, task, number, why);
    }
}
