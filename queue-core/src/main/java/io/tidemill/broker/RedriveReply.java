package io.tidemill.broker;

/** What became of a dead job that was to run again. */
public enum RedriveReply {
    /** It is ready, or scheduled. */
    REDRIVEN,
    /** It was not dead: redriven before, taken out, or never known. Nothing was changed. */
    NOT_DEAD
}
