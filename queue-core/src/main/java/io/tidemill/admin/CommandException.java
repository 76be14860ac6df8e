package io.tidemill.admin;

import io.tidemill.task.TidemillException;

/** A worker did not do what {@link RemoteWorker} asked of it; the message says why. */
public final class CommandException extends TidemillException {

    private static final long serialVersionUID = 1L;

    /** Why a worker did not do what was asked. Cases may be added in later versions. */
    public enum Reason {
        /** No such worker serves the queue: it has stopped, or was killed 30 s ago or more. */
        UNKNOWN_WORKER,
        /** So many commands wait for it that no more are taken. */
        TOO_MANY,
        /**
         * It has not answered in time: it is suspended, cut off, was killed just now, or is of a version without
         * commands. If it has not begun with the command by now it never does.
         */
        NO_ANSWER,
        /** It is of a version that does not know the command. */
        NOT_UNDERSTOOD,
        /** It said no, and why; nothing was changed. */
        REFUSED
    }

    private final Reason reason;

    CommandException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** Why. */
    public Reason reason() {
        return reason;
    }
}
