package io.tidemill.client;

import io.tidemill.task.TidemillException;
import io.tidemill.text.Texts;
import java.time.Duration;

/** The awaited job had not ended in time. It goes on; await it again or cancel it. */
public final class AwaitTimeoutException extends TidemillException {

    private static final long serialVersionUID = 1L;

    /** The job had not ended after this time; {@code state} says where it is and what can be done. */
    public AwaitTimeoutException(String queue, String id, Duration timeout, String state) {
        super("job " + id + " in queue " + queue + " had not ended after " + Texts.duration(timeout) + ": " + state);
    }
}
