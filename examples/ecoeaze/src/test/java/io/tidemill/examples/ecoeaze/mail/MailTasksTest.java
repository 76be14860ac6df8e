package io.tidemill.examples.ecoeaze.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.tidemill.definition.TaskDefinitions;
import io.tidemill.task.RetryPolicy;
import io.tidemill.task.TaskContext;
import io.tidemill.task.TaskDefinition;
import io.tidemill.test.TestContext;
import jakarta.mail.Message;
import jakarta.mail.internet.MimeMessage;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MailTasksTest {

    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    private final GreenMail server = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));

    @BeforeEach
    void start() {
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop();
    }

    @Test
    void deliversWhatItWasGiven() throws Exception {
        Receipt receipt =
                send(server.getSmtp().getPort(), "job-1", "lea@customers.example", "Grüße, Léa", "Zwölf Äpfel\n");

        assertThat(receipt).isEqualTo(new Receipt("<job-1@ecoeaze.example>", NOW));
        assertThat(server.getReceivedMessages()).hasSize(1);
        MimeMessage mail = server.getReceivedMessages()[0];
        assertThat(mail.getMessageID()).isEqualTo("<job-1@ecoeaze.example>");
        assertThat(mail.getSubject()).isEqualTo("Grüße, Léa");
        assertThat(mail.getContent().toString().strip()).isEqualTo("Zwölf Äpfel");
        assertThat(mail.getSentDate().toInstant()).isEqualTo(NOW);
        assertThat(mail.getRecipients(Message.RecipientType.TO))
                .extracting(Object::toString)
                .containsExactly("lea@customers.example");
    }

    @Test
    void aLineBreakInTheSubjectAddsNoHeader() throws Exception {
        send(server.getSmtp().getPort(), "job-1", "ada@customers.example", "Hi\r\nBcc: eve@spy.example", "");

        MimeMessage mail = server.getReceivedMessages()[0];
        assertThat(mail.getSubject()).isEqualTo("Hi Bcc: eve@spy.example");
        assertThat(mail.getHeader("Bcc")).isNull();
        assertThat(server.getReceivedMessages()).hasSize(1);
    }

    @Test
    void givesUpOnWhatIsNoAddress() {
        int port = server.getSmtp().getPort();

        for (String address : List.of("ada", "ada@", "a b@customers.example", "")) {
            assertThatThrownBy(() -> send(port, "job-1", address, "Hi", ""))
                    .isInstanceOf(MailRefusedException.class)
                    .hasMessageStartingWith("'" + address + "' is not a mail address");
        }
    }

    @Test
    void givesUpWhenTheServerRefuses() throws Exception {
        try (RudeMailServer rude = new RudeMailServer("550 5.1.1 No such user")) {
            assertThatThrownBy(() -> send(rude.port(), "job-1", "nobody@customers.example", "Hi", ""))
                    .isInstanceOf(MailRefusedException.class)
                    .hasMessageContaining("550 5.1.1 No such user");
        }
    }

    @Test
    void triesAgainWhenTheServerAsksForPatience() throws Exception {
        try (RudeMailServer rude = new RudeMailServer("451 4.7.1 Greylisted")) {
            assertThatThrownBy(() -> send(rude.port(), "job-1", "grete@customers.example", "Hi", ""))
                    .isInstanceOf(MailDeferredException.class)
                    .hasMessageContaining("451 4.7.1 Greylisted");
        }
    }

    @Test
    void triesAgainWhenTheServerIsDown() throws Exception {
        int unused;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            unused = socket.getLocalPort();
        }

        assertThatThrownBy(() -> send(unused, "job-1", "ada@customers.example", "Hi", ""))
                .isInstanceOf(MailDeferredException.class)
                .hasMessageContaining(String.valueOf(unused));
    }

    @Test
    void declaresWhichFailuresAreWorthAnotherTry() {
        List<String> problems = new ArrayList<>();
        List<TaskDefinition> tasks = TaskDefinitions.readAll(MailTasks.class, RetryPolicy.defaults(), problems);

        assertThat(problems).isEmpty();
        assertThat(tasks).extracting(TaskDefinition::name).containsExactly("send_email");
        RetryPolicy retry = tasks.get(0).retry();
        assertThat(retry.retries(new MailDeferredException("later", new Exception())))
                .isTrue();
        assertThat(retry.retries(new MailRefusedException("never", new Exception())))
                .isFalse();
    }

    private static Receipt send(int port, String job, String to, String subject, String text) throws Exception {
        MailTasks tasks = new MailTasks(new Mailer("127.0.0.1", port, Clock.fixed(NOW, ZoneOffset.UTC)));
        return TaskContext.callWith(TestContext.of(job), () -> tasks.sendEmail(to, subject, text));
    }
}
