package io.tidemill.message;

import io.tidemill.task.TidemillException;
import org.jspecify.annotations.Nullable;

/**
 * Bytes are sealed with a key that this process does not have, or cannot get now. Another process may have it, so a
 * worker leaves the job for others as it does with an unknown task. Thrown by a {@link PayloadSeal}, and by Tidemill in
 * a process without a seal.
 */
public final class MissingKeyException extends TidemillException {

    private static final long serialVersionUID = 1L;

    /** Says which key is missing, and how to add it. */
    public MissingKeyException(String message) {
        super(message);
    }

    /** Says which key is missing, and what kept this process from getting it. */
    public MissingKeyException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
