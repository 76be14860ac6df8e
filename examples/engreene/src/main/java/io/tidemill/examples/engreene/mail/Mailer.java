package io.tidemill.examples.engreene.mail;

import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.Properties;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPSenderFailedException;

/** Hands mails to an SMTP server, one connection per mail. Thread-safe. */
public final class Mailer {

    private static final String FROM = "Engreene <hello@engreene.example>";
    private static final int REFUSED = 500;

    private final Session session;

    /** Sends through this server. */
    public Mailer(String host, int port) {
        Properties settings = new Properties();
        settings.put("mail.smtp.host", host);
        settings.put("mail.smtp.port", String.valueOf(port));
        settings.put("mail.smtp.connectiontimeout", "5000");
        settings.put("mail.smtp.timeout", "10000");
        settings.put("mail.smtp.writetimeout", "10000");
        this.session = Session.getInstance(settings);
    }

    /**
     * Sends a mail.
     *
     * @param id names the mail: the same id gives the same {@code Message-ID}, so that a mail sent twice can be known
     * @throws MailRefusedException if it will never work
     * @throws IOException if it may work later
     */
    Receipt send(String id, Email email) throws MailRefusedException, IOException {
        String messageId = "<" + id.replaceAll("[^A-Za-z0-9._-]", "-") + "@engreene.example>";
        try {
            Transport.send(message(messageId, email));
            return new Receipt(messageId);
        } catch (AddressException e) {
            throw new MailRefusedException("'" + email.to() + "' is not a mail address: " + e.getMessage(), e);
        } catch (MessagingException e) {
            throw explain(e);
        }
    }

    private Message message(String messageId, Email email) throws MessagingException {
        MimeMessage message = new MimeMessage(session) {
            @Override
            protected void updateMessageID() throws MessagingException {
                setHeader("Message-ID", messageId);
            }
        };
        message.setFrom(FROM);
        message.setRecipient(Message.RecipientType.TO, new InternetAddress(email.to(), true));
        // A line break in a subject could smuggle in another header
        message.setSubject(email.subject().replaceAll("\\p{Cntrl}+", " "), StandardCharsets.UTF_8.name());
        message.setText(email.text(), StandardCharsets.UTF_8.name());
        message.setSentDate(Date.from(Instant.now()));
        return message;
    }

    /** The server's own answer is the innermost exception; those around it only say that sending failed. */
    private static IOException explain(MessagingException e) throws MailRefusedException {
        Throwable answer = e;
        while (answer.getCause() != null) {
            answer = answer.getCause();
        }
        String text = String.valueOf(answer.getMessage()).strip();
        if (code(answer) >= REFUSED) {
            throw new MailRefusedException(text, e);
        }
        return new IOException(text, e);
    }

    private static int code(Throwable answer) {
        if (answer instanceof SMTPAddressFailedException address) {
            return address.getReturnCode();
        } else if (answer instanceof SMTPSenderFailedException sender) {
            return sender.getReturnCode();
        } else if (answer instanceof SMTPSendFailedException send) {
            return send.getReturnCode();
        }
        return 0;
    }
}
