package io.tidemill.examples.engreene.mail;

/**
 * A mail to be sent: the data of {@code send-email}.
 *
 * @param to one address
 * @param subject one line
 * @param text plain text
 */
public record Email(String to, String subject, String text) {

    /** The type of the jobs that send mail. */
    public static final String TYPE = "send-email";

    /** An absent text is an empty mail. */
    public Email {
        text = text == null ? "" : text;
    }
}
