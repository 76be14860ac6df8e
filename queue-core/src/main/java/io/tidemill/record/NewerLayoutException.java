package io.tidemill.record;

import io.tidemill.task.TidemillException;

/**
 * A record was written by a newer version in a layout that this one does not know. It is left for others, never
 * guessed.
 */
public final class NewerLayoutException extends TidemillException {

    private static final long serialVersionUID = 1L;

    NewerLayoutException(char found) {
        this("the record", found, JobCodec.LAYOUT);
    }

    NewerLayoutException(String what, char found, char known) {
        super(what + " has layout '" + found + "', this version reads up to '" + known
                + "'; update this worker, the job is left for newer ones");
    }
}
