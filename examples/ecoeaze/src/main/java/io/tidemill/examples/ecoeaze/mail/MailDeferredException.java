package io.tidemill.examples.ecoeaze.mail;

/** The mail may be taken later: the server was not there, or said 4xx. */
public final class MailDeferredException extends MailException {

    private static final long serialVersionUID = 1L;

    MailDeferredException(String message, Exception cause) {
        super(message, cause);
    }
}
