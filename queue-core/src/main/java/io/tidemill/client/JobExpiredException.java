package io.tidemill.client;

import io.tidemill.task.TidemillException;

/** The awaited job has expired: it had not started in time, and did not run. */
public final class JobExpiredException extends TidemillException {

    private static final long serialVersionUID = 1L;

    /** The job with this id has expired. */
    public JobExpiredException(String id) {
        super("job " + id + " has expired: it had not started within its expiresIn, and did not run");
    }
}
