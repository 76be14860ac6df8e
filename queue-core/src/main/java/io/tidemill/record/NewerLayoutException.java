package io.tidemill.record;

import io.tidemill.task.TidemillException;

/**
 * A record was written by a newer version in a layout that this one does not know. It is left for others, never
 * guessed.
 */
public final class NewerLayoutException extends TidemillException {

    private static final long serialVersionUID = 1L;

    NewerLayoutException(char found) {
        super("the record has layout '" + found + "', this version reads up to '" + JobCodec.LAYOUT
                + "'; update this worker, the job is left for newer ones");
    }
}
