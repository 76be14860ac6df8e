package io.tidemill.client;

import io.tidemill.message.Failure;
import io.tidemill.task.TidemillException;

/** The awaited job is dead: it failed and is not tried again. */
public final class JobFailedException extends TidemillException {

    private static final long serialVersionUID = 1L;

    private final transient Failure failure;

    /** The job with this id is dead; {@code attempt} is the number of its last run, 0 if it is not known. */
    public JobFailedException(String id, Failure failure, int attempt) {
        super("job " + id + " is dead" + (attempt == 0 ? "" : " after attempt " + attempt) + ": " + failure.type()
                + ": " + failure.message());
        this.failure = failure;
    }

    /** What went wrong in the last run. */
    public Failure failure() {
        return failure;
    }
}
