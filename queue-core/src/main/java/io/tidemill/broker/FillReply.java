package io.tidemill.broker;

/** What became of a {@link Fill}. */
public enum FillReply {
    /** The place has the value now, and the job waits for others. */
    FILLED,
    /** That was what the job waited for: it is ready. */
    READY,
    /** The place had a value, or the number of places was known. Nothing was changed. */
    ALREADY,
    /** No such job waits, or it has no such place. Nothing was changed. */
    GONE
}
