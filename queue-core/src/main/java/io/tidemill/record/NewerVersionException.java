package io.tidemill.record;

import io.tidemill.task.TidemillException;

/** The arguments of a job have a newer version than the task has in this process. The job is left for others. */
public final class NewerVersionException extends TidemillException {

    private static final long serialVersionUID = 1L;

    /** Says which versions these are. */
    public NewerVersionException(String task, int found, int known) {
        super("the arguments of task \"" + task + "\" have version " + found + ", this worker knows up to version "
                + known + "; update this worker, the job is left for newer ones");
    }
}
