package io.tidemill.broker;

/** What became of a job that was to be stored. */
public enum EnqueueReply {
    /** It is stored and will run. */
    ACCEPTED,
    /** A job with this id is stored already, or ended and is still remembered; nothing was changed. */
    DUPLICATE
}
