package io.tidemill.task;

import org.jspecify.annotations.Nullable;

/**
 * Arguments, a result or a record could not be written or read. At {@code enqueue} nothing was stored; at a worker the
 * job is dead with its bytes intact.
 */
public final class PayloadException extends TidemillException {

    private static final long serialVersionUID = 1L;

    /** Says what could not be written or read, and the remedy. */
    public PayloadException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
