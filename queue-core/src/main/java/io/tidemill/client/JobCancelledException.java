package io.tidemill.client;

import io.tidemill.task.TidemillException;

/** The awaited job was cancelled. */
public final class JobCancelledException extends TidemillException {

    private static final long serialVersionUID = 1L;

    /** The job with this id was cancelled. */
    public JobCancelledException(String id) {
        super("job " + id + " was cancelled");
    }
}
