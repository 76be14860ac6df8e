package io.tidemill.task;

import org.jspecify.annotations.Nullable;

/**
 * The common parent of what Tidemill throws on its own account. Wrong arguments to a method are an
 * {@link IllegalArgumentException} and calls at the wrong time an {@link IllegalStateException}, as everywhere in Java.
 */
public class TidemillException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** With a cause, if there is one. */
    public TidemillException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Without a cause. */
    public TidemillException(String message) {
        super(message);
    }
}
