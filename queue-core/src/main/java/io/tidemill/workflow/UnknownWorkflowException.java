package io.tidemill.workflow;

import io.tidemill.task.TidemillException;

/** The workflow is not known: it was never started, or it has ended and its time is over. */
public final class UnknownWorkflowException extends TidemillException {

    private static final long serialVersionUID = 1L;

    /** Nothing is known of the workflow with this id. */
    public UnknownWorkflowException(String home, String id) {
        super("workflow " + id + " is not known in queue " + home
                + ": it was never started there, or it has ended and is not kept any longer (keep)");
    }
}
