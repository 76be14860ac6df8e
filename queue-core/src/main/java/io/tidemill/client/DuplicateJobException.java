package io.tidemill.client;

import io.tidemill.task.TidemillException;

/** The job was not stored: another one holds its unique key, and the call asked to be refused then. */
public final class DuplicateJobException extends TidemillException {

    private static final long serialVersionUID = 1L;

    private final String holder;

    /** A job of this task was not stored, as job {@code holder} has the unique key. */
    public DuplicateJobException(String queue, String task, String key, String holder) {
        super("task \"" + task + "\" was not enqueued: job " + holder + " in queue " + queue + " holds unique key "
                + key);
        this.holder = holder;
    }

    /** The id of the job that holds the key. */
    public String holder() {
        return holder;
    }
}
