package io.tidemill.examples.ecoeaze.images;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A picture cannot be decoded to its end. Perhaps its upload has not finished, so another try may be worth it. */
public final class BrokenImageException extends IOException {

    private static final long serialVersionUID = 1L;

    BrokenImageException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
