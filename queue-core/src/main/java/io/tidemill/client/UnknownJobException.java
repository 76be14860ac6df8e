package io.tidemill.client;

import io.tidemill.task.TidemillException;

/**
 * The awaited job is not known: it was never stored, it was taken out or lost, or it ended and nothing of it is kept.
 */
public final class UnknownJobException extends TidemillException {

    private static final long serialVersionUID = 1L;

    /** The job is known to have succeeded, and its result is no longer kept. */
    public static UnknownJobException withoutResult(String queue, String id) {
        return new UnknownJobException(
                "job " + id + " in queue " + queue + " succeeded; its result is no longer kept (resultTtl)");
    }

    /** Nothing is known of this job. */
    public UnknownJobException(String queue, String id) {
        super("job " + id + " is not known in queue " + queue
                + ": it was never stored there, it was deleted, purged, trimmed or lost, or it ended and nothing of it"
                + " is kept");
    }

    private UnknownJobException(String message) {
        super(message);
    }

    /** This job succeeded, and its result could not be stored. */
    public static UnknownJobException resultLost(String queue, String id) {
        return new UnknownJobException("job " + id + " of queue " + queue
                + " succeeded, but its result could not be stored and is lost; the log of its worker says why");
    }
}
