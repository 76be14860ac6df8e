package io.tidemill.workflow;

import io.tidemill.task.TidemillException;
import io.tidemill.text.Texts;
import java.time.Duration;

/** The awaited workflow had not ended in time. It goes on; await it again or cancel it. */
public final class WorkflowTimeoutException extends TidemillException {

    private static final long serialVersionUID = 1L;

    /** The workflow had not ended after this time. */
    public WorkflowTimeoutException(String id, Duration timeout) {
        super("workflow " + id + " had not ended after " + Texts.duration(timeout)
                + "; it goes on, await it again, look at its progress() or cancel it");
    }
}
