package io.tidemill.examples.ecoeaze.mail;

import java.time.Instant;

/**
 * The mail server has taken a mail.
 *
 * @param messageId the mail's {@code Message-ID}
 * @param acceptedAt when the server took it
 */
public record Receipt(String messageId, Instant acceptedAt) {}
