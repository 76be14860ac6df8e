package io.tidemill.examples.ecoeaze.mail;

/** A mail was not sent. Whether another try is worth it is the one thing that a task queue wants to know. */
public abstract sealed class MailException extends Exception {

    private static final long serialVersionUID = 1L;

    private MailException(String message, Exception cause) {
        super(message, cause);
    }

    /** It will never work: the address is no address, or the server said 5xx. */
    public static final class Refused extends MailException {

        private static final long serialVersionUID = 1L;

        Refused(String message, Exception cause) {
            super(message, cause);
        }
    }

    /** It may work later: the server was not there, or said 4xx. */
    public static final class Deferred extends MailException {

        private static final long serialVersionUID = 1L;

        Deferred(String message, Exception cause) {
            super(message, cause);
        }
    }
}
