package io.tidemill.examples.engreene.mail;

/**
 * The mail server has taken a mail.
 *
 * @param messageId the mail's {@code Message-ID}
 */
public record Receipt(String messageId) {}
