package io.tidemill.worker;

import io.tidemill.task.PayloadException;
import io.tidemill.task.TaskSignal;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How one run ended: a closed set, which {@link Judge} turns into what the broker is told. */
sealed interface Outcome {

    /**
     * The method returned.
     *
     * @param result what is to be kept; null for nothing
     */
    record Returned(byte @Nullable [] result) implements Outcome {}

    /** The method threw. */
    record Threw(Throwable thrown) implements Outcome {

        /** What went wrong: a signal only says what is to follow from its cause. */
        Throwable reason() {
            Throwable cause = thrown instanceof TaskSignal ? thrown.getCause() : null;
            return cause == null ? thrown : cause;
        }
    }

    /** The method asked to be run again later. */
    record Snoozed(Duration delay) implements Outcome {}

    /** The job was cancelled, by its own code or by request. */
    record Cancelled(String reason) implements Outcome {}

    /** The run took longer than it may. */
    record TimedOut(Duration limit) implements Outcome {}

    /**
     * The run did not begin, or was interrupted because the worker stops.
     *
     * @param why in one line
     */
    record Stopped(String why) implements Outcome {}

    /** The record or its arguments cannot be read, or the result cannot be written. Another run would not help. */
    record BadPayload(PayloadException reason) implements Outcome {}

    /**
     * This worker is not the one to run the job: it does not know the task, or not that new a record.
     *
     * @param timesBefore how often it was so before, at this worker
     */
    record NotForHere(String reason, int timesBefore) implements Outcome {}
}
