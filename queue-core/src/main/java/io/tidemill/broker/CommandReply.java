package io.tidemill.broker;

/** What became of a command that was to be left for a worker. */
public enum CommandReply {
    /** It waits, or was answered already. */
    LEFT,
    /** No such worker serves the queue now. */
    NO_WORKER,
    /** As many commands wait for the worker as may. */
    TOO_MANY
}
