package io.tidemill.examples.ecoeaze.mail;

/** A mail was not sent. Whether another try is worth it is the one thing that a task queue wants to know. */
public abstract sealed class MailException extends Exception permits MailDeferredException, MailRefusedException {

    private static final long serialVersionUID = 1L;

    MailException(String message, Exception cause) {
        super(message, cause);
    }
}
