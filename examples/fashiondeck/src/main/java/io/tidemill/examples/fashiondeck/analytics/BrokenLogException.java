package io.tidemill.examples.fashiondeck.analytics;

/** Somebody has to look at the log: trying again does not help. */
public final class BrokenLogException extends Exception {

    private static final long serialVersionUID = 1;

    BrokenLogException(String message, Throwable cause) {
        super(message, cause);
    }
}
