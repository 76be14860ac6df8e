package io.tidemill.workflow;

import io.tidemill.task.TidemillException;

/** The awaited workflow was cancelled. */
public final class WorkflowCancelledException extends TidemillException {

    private static final long serialVersionUID = 1L;

    /** The workflow with this id was cancelled. */
    public WorkflowCancelledException(String id) {
        super("workflow " + id + " was cancelled");
    }
}
