package io.tidemill.record;

import io.tidemill.task.TidemillException;

/**
 * What earlier runs of a job have recorded cannot be read by this process, but perhaps by another: a newer version
 * wrote it, or it is sealed with a key that is not here. The job is left for others.
 */
public final class NotForHereException extends TidemillException {

    private static final long serialVersionUID = 1L;

    private final String type;

    NotForHereException(String type, String message, RuntimeException cause) {
        super(message, cause);
        this.type = type;
    }

    /** What is missing here, in one word. */
    public String type() {
        return type;
    }
}
