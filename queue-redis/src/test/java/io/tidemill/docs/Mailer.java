package io.tidemill.docs;

/** What sends mail. */
public interface Mailer {

    void send(String messageId, String to, String subject);
}
