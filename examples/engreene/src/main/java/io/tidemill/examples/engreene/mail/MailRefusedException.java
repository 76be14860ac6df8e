package io.tidemill.examples.engreene.mail;

/** The mail will never be taken: the address is no address, or the server said 5xx. */
public final class MailRefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    MailRefusedException(String message, Exception cause) {
        super(message, cause);
    }
}
