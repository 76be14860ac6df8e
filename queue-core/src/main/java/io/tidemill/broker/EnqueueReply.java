package io.tidemill.broker;

import io.tidemill.queue.Enqueued;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What became of a job that was to be stored. */
public sealed interface EnqueueReply {

    /** Stored, in nobody's place. */
    EnqueueReply ACCEPTED = new Accepted(null, null);

    /** What the caller gets as an answer. */
    Enqueued enqueued();

    /** The job that the caller has now: its own, of this id, if it was stored, else the one that is there. */
    String jobId(String own);

    /** The job that was cancelled to make room for it; null if none was. */
    @Nullable
    String replaced();

    /** What {@link Accepted} says of it; null if the job was not stored. */
    @Nullable
    String receipt();

    /** The same with this receipt, if the job was stored. */
    EnqueueReply withReceipt(@Nullable String value);

    /** Not stored: another job is there, or the schedule that was to store it has another revision. */
    sealed interface NotStored extends EnqueueReply {

        /** The job that is there: its own id, or that of the job that holds the unique key; its own id without one. */
        String existing();

        @Override
        default String jobId(String own) {
            return existing();
        }

        @Override
        default @Nullable String replaced() {
            return null;
        }

        @Override
        default @Nullable String receipt() {
            return null;
        }

        @Override
        default EnqueueReply withReceipt(@Nullable String value) {
            return this;
        }
    }

    /**
     * It is stored and will run. Two of these are equal if they say the same of the job; the receipt is about the
     * moment.
     *
     * @param replaced the job that was cancelled to make room for it; null if none was
     * @param receipt what {@link LookUp#find} takes to distinguish a job that succeeded with nothing kept from one that
     *     was taken out or lost; null if the broker does not know how things stood when it stored the job. Opaque to
     *     all others
     */
    record Accepted(@Nullable String replaced, @Nullable String receipt) implements EnqueueReply {

        /** Without a receipt. */
        public Accepted(@Nullable String replaced) {
            this(replaced, null);
        }

        @Override
        public Enqueued enqueued() {
            return Enqueued.NEW;
        }

        @Override
        public String jobId(String own) {
            return own;
        }

        @Override
        public Accepted withReceipt(@Nullable String value) {
            return new Accepted(replaced, value);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Accepted accepted && Objects.equals(replaced, accepted.replaced);
        }

        @Override
        public int hashCode() {
            return Objects.hashCode(replaced);
        }
    }

    /**
     * Nothing was changed: a job with this id is stored already, or ended and is still remembered; or another job holds
     * the unique key. If the job has a {@link ScheduleStep}, that was taken all the same, now or by an earlier request.
     *
     * @param existing the job that is there: its own id, or that of the job that holds the key
     */
    record Duplicate(String existing) implements NotStored {

        @Override
        public Enqueued enqueued() {
            return Enqueued.EXISTING;
        }
    }

    /**
     * It is not stored; the job that holds the unique key now becomes due when it would have been.
     *
     * @param existing the job that holds the key
     */
    record Rescheduled(String existing) implements NotStored {

        @Override
        public Enqueued enqueued() {
            return Enqueued.RESCHEDULED;
        }
    }

    /**
     * It is not stored; the job that holds the unique key now has its body, and becomes due when it would have been
     * unless it is due already.
     *
     * @param existing the job that holds the key
     */
    record Updated(String existing) implements NotStored {

        @Override
        public Enqueued enqueued() {
            return Enqueued.UPDATED;
        }
    }

    /**
     * Nothing was changed: the job that holds the unique key has a higher version.
     *
     * @param existing the job that holds the key
     */
    record Outdated(String existing) implements NotStored {

        @Override
        public Enqueued enqueued() {
            return Enqueued.OUTDATED;
        }
    }

    /**
     * Nothing was changed: the schedule does not have the revision that the job's {@link ScheduleStep} expects.
     * Somebody else has fired, changed or removed it.
     *
     * @param existing the job's own id; no job has it because of this request
     */
    record Superseded(String existing) implements NotStored {

        @Override
        public Enqueued enqueued() {
            return Enqueued.SUPERSEDED;
        }
    }
}
