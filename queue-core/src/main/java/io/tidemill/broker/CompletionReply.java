package io.tidemill.broker;

/** What became of a {@link Completion}. */
public enum CompletionReply {
    /** It is recorded, by this call or by an earlier one that carried the same. */
    SETTLED,
    /** The lease had ended and somebody else may be running the job; nothing was changed. */
    STALE
}
