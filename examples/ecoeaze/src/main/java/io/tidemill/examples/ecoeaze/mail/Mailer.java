package io.tidemill.examples.ecoeaze.mail;

import jakarta.mail.Address;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Date;
import java.util.Properties;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPSenderFailedException;

/** Hands mails to an SMTP server, one connection per mail. Thread-safe. */
public final class Mailer {

    private static final String FROM = "EcoEaze <hello@ecoeaze.example>";

    private final Session session;
    private final Clock clock;

    /** Sends through this server. */
    public Mailer(String host, int port) {
        this(host, port, Clock.systemUTC());
    }

    Mailer(String host, int port, Clock clock) {
        Properties settings = new Properties();
        settings.put("mail.smtp.host", host);
        settings.put("mail.smtp.port", String.valueOf(port));
        settings.put("mail.smtp.connectiontimeout", "5000");
        settings.put("mail.smtp.timeout", "10000");
        settings.put("mail.smtp.writetimeout", "10000");
        this.session = Session.getInstance(settings);
        this.clock = clock;
    }

    /**
     * Sends a plain text mail.
     *
     * @param id names the mail: the same id gives the same {@code Message-ID}, so that a mail sent twice can be known
     * @throws MailRefusedException if it will never work
     * @throws MailDeferredException if it may work later
     */
    public Receipt send(String id, String to, String subject, String text) throws MailException {
        String messageId = "<" + id + "@ecoeaze.example>";
        try {
            Message message = message(messageId, new InternetAddress(to, true), subject, text);
            Transport.send(message);
            return new Receipt(messageId, clock.instant());
        } catch (AddressException e) {
            throw new MailRefusedException("'" + to + "' is not a mail address: " + e.getMessage(), e);
        } catch (MessagingException e) {
            throw explain(e);
        }
    }

    private Message message(String messageId, Address to, String subject, String text) throws MessagingException {
        MimeMessage message = new MimeMessage(session) {
            @Override
            protected void updateMessageID() throws MessagingException {
                setHeader("Message-ID", messageId);
            }
        };
        message.setFrom(FROM);
        message.setRecipient(Message.RecipientType.TO, to);
        // A line break in a subject could smuggle in another header
        message.setSubject(subject.replaceAll("\\p{Cntrl}+", " "), StandardCharsets.UTF_8.name());
        message.setText(text, StandardCharsets.UTF_8.name());
        message.setSentDate(Date.from(clock.instant()));
        return message;
    }

    /** The server's own answer is the innermost exception; those around it only say that sending failed. */
    private static MailException explain(MessagingException e) {
        Throwable answer = e;
        while (answer.getCause() != null) {
            answer = answer.getCause();
        }
        if (answer instanceof SMTPAddressFailedException address) {
            return explain(address.getReturnCode(), answer, e);
        } else if (answer instanceof SMTPSenderFailedException sender) {
            return explain(sender.getReturnCode(), answer, e);
        } else if (answer instanceof SMTPSendFailedException send) {
            return explain(send.getReturnCode(), answer, e);
        }
        return new MailDeferredException(String.valueOf(e.getMessage()), e);
    }

    private static MailException explain(int code, Throwable answer, MessagingException e) {
        String text = String.valueOf(answer.getMessage()).strip();
        return code >= 500 ? new MailRefusedException(text, e) : new MailDeferredException(text, e);
    }
}
