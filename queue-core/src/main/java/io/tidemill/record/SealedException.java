package io.tidemill.record;

import io.tidemill.task.TidemillException;

/** A payload is sealed and this process has no seal. It is left for those who have one. */
public final class SealedException extends TidemillException {

    private static final long serialVersionUID = 1L;

    SealedException() {
        super("it is sealed, and this process has no seal; add seal(...) where its TaskQueue is built");
    }
}
