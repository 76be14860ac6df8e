package io.tidemill.broker;

/** What became of a job that was to be taken out. */
public enum DeleteReply {
    /** It is gone. */
    DELETED,
    /** A worker runs it: cancel it instead. Nothing was changed. */
    ACTIVE,
    /** It had ended, or is not known. */
    NOT_FOUND
}
