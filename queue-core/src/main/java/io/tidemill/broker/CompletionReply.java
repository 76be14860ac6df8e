package io.tidemill.broker;

/** What became of a {@link Completion}. */
public enum CompletionReply {
    /**
     * It is recorded: by this call, or before it. Under a lease that held jobs when the call came, a job that it no
     * longer holds counts as recorded before, since only the holder can have settled it. The same call sent again is
     * answered as the first time.
     */
    SETTLED,
    /** Somebody had asked for the job to be cancelled, so that is how it ended, whatever the outcome of the run. */
    CANCELLED,
    /** The lease holds nothing any more, or never was: somebody else may be running the job. Nothing was changed. */
    STALE,
    /**
     * This part of the call was not answered: it may or may not be recorded, and is to be sent again. Only a broker
     * that is made of several says so, when others of them have answered.
     */
    UNKNOWN
}
