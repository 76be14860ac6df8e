package io.tidemill.broker;

import org.jspecify.annotations.Nullable;

/** What became of a job that was to be stored. */
public sealed interface EnqueueReply {

    /** Stored, in nobody's place. */
    EnqueueReply ACCEPTED = new Accepted(null);

    /**
     * It is stored and will run.
     *
     * @param replaced the job that was cancelled to make room for it; null if none was
     */
    record Accepted(@Nullable String replaced) implements EnqueueReply {}

    /**
     * Nothing was changed: a job with this id is stored already, or ended and is still remembered; or another job holds
     * the unique key.
     *
     * @param existing the job that is there: its own id, or that of the job that holds the key
     */
    record Duplicate(String existing) implements EnqueueReply {}

    /**
     * It is not stored; the job that holds the unique key now becomes due when it would have been.
     *
     * @param existing the job that holds the key
     */
    record Rescheduled(String existing) implements EnqueueReply {}
}
