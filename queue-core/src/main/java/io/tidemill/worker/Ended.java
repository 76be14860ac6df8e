package io.tidemill.worker;

import io.tidemill.broker.CompletionReply;
import io.tidemill.event.JobRef;
import io.tidemill.event.QueueEvent;
import io.tidemill.event.RunInfo;
import java.time.Duration;

/**
 * A run that has ended and is about to be recorded.
 *
 * @param run the run
 * @param verdict what becomes of its job
 * @param took how long the run took
 * @param holdsSlot whether its slot is still taken; not when it is sent again
 */
record Ended(Run run, Verdict verdict, Duration took, boolean holdsSlot) {

    /** The same, to be sent once more. */
    Ended again() {
        return new Ended(run, verdict, took, false);
    }

    /** Whether an answer to this was lost, so that a refusal now does not say that it was not recorded before. */
    boolean mayBeRecorded() {
        return !holdsSlot;
    }

    /** What is published once the broker has answered. */
    QueueEvent event(CompletionReply reply) {
        JobRef job = run.ref();
        RunInfo info = run.info().withTook(took);
        return switch (reply) {
            case STALE -> new QueueEvent.LeaseLost(job, info, mayBeRecorded());
            case CANCELLED -> new QueueEvent.Cancelled(job, info, "cancelled while it ran");
            case SETTLED, UNKNOWN -> verdict.event(job, info);
        };
    }
}
