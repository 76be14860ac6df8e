package io.tidemill.broker;

/** What became of a dead job that was to run again. */
public enum RedriveReply {
    /** It is ready, or scheduled. It holds its unique key again, if it holds one until it is done. */
    REDRIVEN,
    /** Another job holds its unique key until one of the two is done. It stays dead, and nothing was changed. */
    KEY_HELD,
    /** It was not dead: redriven before, taken out, or never known. Nothing was changed. */
    NOT_DEAD
}
