package io.tidemill.client;

import io.tidemill.task.TidemillException;

/** The awaited job is not known: it was never stored, or it ended and nothing of it is kept any more. */
public final class UnknownJobException extends TidemillException {

    private static final long serialVersionUID = 1L;

    UnknownJobException(String queue, String id) {
        super("job " + id + " is not known in queue " + queue
                + ": it was never stored there, or it ended and its result is no longer kept");
    }
}
