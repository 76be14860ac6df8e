package io.tidemill.examples.engreene.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.tidemill.examples.engreene.TestTime;
import io.tidemill.examples.engreene.jobs.QueuedJob;
import io.tidemill.examples.engreene.outside.Breaker;
import io.tidemill.examples.engreene.outside.BreakerStats;
import io.tidemill.task.TaskSignal;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MailHandlerTest {

    private final GreenMail server = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
    private final Breaker breaker = new Breaker("mail", Breaker.PAUSE, new TestTime(Instant.EPOCH));

    @BeforeEach
    void start() {
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop();
    }

    @Test
    void sendsWhatItWasGiven() throws Exception {
        Receipt receipt = send(server.getSmtp().getPort(), new Email("lea@clients.example", "Grüße, Léa", "Zwölf\n"));

        assertThat(receipt).isEqualTo(new Receipt("<job-1-mail@engreene.example>"));
        MimeMessage mail = server.getReceivedMessages()[0];
        assertThat(mail.getMessageID()).isEqualTo("<job-1-mail@engreene.example>");
        assertThat(mail.getAllRecipients()).extracting(Object::toString).containsExactly("lea@clients.example");
        assertThat(mail.getSubject()).isEqualTo("Grüße, Léa");
        assertThat(mail.getContent().toString().strip()).isEqualTo("Zwölf");
    }

    @Test
    void aLineBreakInTheSubjectAddsNoHeader() throws Exception {
        send(server.getSmtp().getPort(), new Email("ada@clients.example", "Hi\r\nBcc: eve@spy.example", ""));

        assertThat(server.getReceivedMessages()[0].getHeader("Bcc")).isNull();
    }

    @Test
    void givesUpOnWhatIsNoAddressAndTheBreakerStaysClosed() {
        int port = server.getSmtp().getPort();

        for (String address : new String[] {"ada", "ada@", "", "a b@clients.example", "@x", "a@@b"}) {
            assertThatThrownBy(() -> send(port, new Email(address, "Hi", "")))
                    .isInstanceOf(TaskSignal.GiveUp.class)
                    .cause()
                    .hasMessageStartingWith("'" + address + "' is not a mail address");
        }
        assertThat(breaker.stats().state()).isEqualTo("CLOSED");
    }

    @Test
    void aServerThatIsDownIsTriedAgainAndOpensTheBreaker() throws Exception {
        int unused;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            unused = socket.getLocalPort();
        }
        Email email = new Email("ada@clients.example", "Hi", "");

        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> send(unused, email)).isInstanceOf(IOException.class);
        }
        assertThatThrownBy(() -> send(unused, email)).isInstanceOf(TaskSignal.Snooze.class);
        assertThat(breaker.stats()).isEqualTo(new BreakerStats("OPEN", 4, 1, 0));
        assertThatThrownBy(() -> send(unused, email)).isInstanceOf(TaskSignal.Snooze.class);
        assertThat(breaker.stats().refused()).isEqualTo(1);
    }

    private Receipt send(int port, Email email) throws Exception {
        return new MailHandler(new Mailer("127.0.0.1", port), breaker)
                .handle(new QueuedJob<>("job-1:mail", Email.TYPE, email, 1));
    }
}
