package io.tidemill.client;

import io.tidemill.task.TidemillException;

/**
 * One of many calls could not be stored; the cause says why. Those of the slices before are stored, and nothing was
 * sent of those after.
 */
public final class BulkException extends TidemillException {

    private static final long serialVersionUID = 1L;

    private final long index;
    private final long done;

    private BulkException(long index, long done, String message, RuntimeException cause) {
        super(message, cause);
        this.index = index;
        this.done = done;
    }

    /** The call itself is wrong; nothing of its slice was sent. */
    static BulkException badCall(long index, long done, RuntimeException cause) {
        return new BulkException(
                index, done, "call " + index + ": " + cause.getMessage() + "; " + before(done) + ", none after", cause);
    }

    /** The broker did not take a slice, or did not say so. */
    static BulkException notSent(long from, long to, RuntimeException cause) {
        return new BulkException(
                from,
                from,
                "calls " + from + " to " + (to - 1) + ": " + cause.getMessage() + "; " + before(from)
                        + ", these may be, none after",
                cause);
    }

    private static String before(long done) {
        return done == 0 ? "no call before was sent" : "calls 0 to " + (done - 1) + " are done";
    }

    /** The index of the call that is wrong, from 0; or of the first that was not stored for sure. */
    public long index() {
        return index;
    }

    /** How many calls from the first on are done: stored, or found to be there. Go on with the one at this index. */
    public long done() {
        return done;
    }
}
