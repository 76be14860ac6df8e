package io.tidemill.worker;

import io.tidemill.broker.Followers;
import io.tidemill.task.BrokerException;
import io.tidemill.task.PayloadException;
import io.tidemill.task.TaskSignal;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How one run ended: a closed set, which a {@link Judge} turns into a {@link Verdict}. */
sealed interface Outcome {

    /** What follows from it. */
    Verdict judgedBy(Judge judge);

    /** What a throw means. This is the only place that knows each {@link TaskSignal}. */
    static Outcome of(Throwable thrown) {
        if (!(thrown instanceof TaskSignal)) {
            return new Threw(thrown);
        }
        // A signal only says what is to follow; what went wrong is its cause, if it has one.
        Throwable reason = thrown.getCause() == null ? thrown : thrown.getCause();
        if (thrown instanceof TaskSignal.Snooze snooze) {
            return new Snoozed(snooze.delay());
        }
        if (thrown instanceof TaskSignal.Cancel) {
            return new Cancelled(String.valueOf(thrown.getMessage()));
        }
        if (thrown instanceof TaskSignal.RetryAfter again) {
            return new ToRetryAfter(again.delay(), reason);
        }
        return new GaveUp(reason);
    }

    /**
     * The method returned.
     *
     * @param result what is to be kept; null for nothing
     * @param followers what follows on a step of a workflow; null if the job is none
     */
    record Returned(byte @Nullable [] result, @Nullable Followers followers) implements Outcome {

        /** Of a job that is no step of a workflow. */
        Returned(byte @Nullable [] result) {
            this(result, null);
        }

        @Override
        public Verdict judgedBy(Judge judge) {
            return judge.returned(result, followers);
        }
    }

    /** The method failed. */
    sealed interface Failed extends Outcome {}

    /** The method threw, and nothing that says what is to follow from it. */
    record Threw(Throwable thrown) implements Failed {

        @Override
        public Verdict judgedBy(Judge judge) {
            return judge.threw(thrown);
        }
    }

    /** The method failed, and said when to run it again. */
    record ToRetryAfter(Duration delay, Throwable reason) implements Failed {

        @Override
        public Verdict judgedBy(Judge judge) {
            return judge.toRetryAfter(delay, reason);
        }
    }

    /** The method failed, and said that another run would not help. */
    record GaveUp(Throwable reason) implements Failed {

        @Override
        public Verdict judgedBy(Judge judge) {
            return judge.gaveUp(reason);
        }
    }

    /** The method asked to be run again later. */
    record Snoozed(Duration delay) implements Outcome {

        @Override
        public Verdict judgedBy(Judge judge) {
            return judge.snoozed(delay);
        }
    }

    /** The broker did not give what a step of a workflow needs before its code, or did not take what it stores. */
    record Unanswered(BrokerException reason) implements Outcome {

        @Override
        public Verdict judgedBy(Judge judge) {
            return judge.unanswered(reason);
        }
    }

    /** The job was cancelled, by its own code or by request. */
    record Cancelled(String reason) implements Outcome {

        @Override
        public Verdict judgedBy(Judge judge) {
            return judge.cancelled(reason);
        }
    }

    /** The run took longer than it may. */
    record TimedOut(Duration limit) implements Outcome {

        @Override
        public Verdict judgedBy(Judge judge) {
            return judge.timedOut(limit);
        }
    }

    /**
     * The run did not begin, or was interrupted because the worker stops.
     *
     * @param why in one line
     */
    record Stopped(String why) implements Outcome {

        @Override
        public Verdict judgedBy(Judge judge) {
            return judge.stopped(why);
        }
    }

    /** The record or its arguments cannot be read, or the result cannot be written. Another run would not help. */
    record BadPayload(PayloadException reason) implements Outcome {

        @Override
        public Verdict judgedBy(Judge judge) {
            return judge.badPayload(reason);
        }
    }

    /**
     * This worker cannot run the job, but another may: it does not know the task or the layout of the record, or does
     * not have the key of the seal.
     *
     * @param type what is missing here, in one word: the type of the failure if nobody ever runs the job
     * @param timesBefore how often it was so before, at this worker
     */
    record NotForHere(String type, String reason, int timesBefore) implements Outcome {

        @Override
        public Verdict judgedBy(Judge judge) {
            return judge.notForHere(type, reason, timesBefore);
        }
    }
}
