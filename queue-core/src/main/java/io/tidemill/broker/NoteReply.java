package io.tidemill.broker;

/** What became of a {@link Note}. */
public enum NoteReply {
    /** It is written; or it was before. */
    NOTED,
    /** The token does not hold the job, or the job is gone: nothing was changed. */
    STALE,
    /**
     * The job does not have the notes that this one follows, as the broker has lost some: nothing was changed. To be
     * sent once more as a whole, with nothing that stays.
     */
    BEHIND
}
