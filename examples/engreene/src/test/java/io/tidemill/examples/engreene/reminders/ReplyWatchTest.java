package io.tidemill.examples.engreene.reminders;

import static io.tidemill.client.TaskRef.task;
import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.tidemill.examples.engreene.TestTime;
import io.tidemill.examples.engreene.jobs.JobQueueService;
import io.tidemill.examples.engreene.mail.Email;
import io.tidemill.examples.engreene.mail.MailHandler;
import io.tidemill.examples.engreene.mail.Mailer;
import io.tidemill.examples.engreene.mail.Receipt;
import io.tidemill.examples.engreene.market.Marketplace;
import io.tidemill.examples.engreene.outside.Breaker;
import io.tidemill.queue.WorkflowState;
import io.tidemill.test.EnqueuedJob;
import io.tidemill.test.TestQueue;
import io.tidemill.workflow.Workflow;
import io.tidemill.workflow.WorkflowHandle;
import jakarta.mail.internet.MimeMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A week of waiting, on the clock of a test. */
class ReplyWatchTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Conversation CONVERSATION = new Conversation("c-1", "lumen", "ada");
    private static final List<Integer> HOURS = List.of(8, 24, 48, 168);

    private final Marketplace market = new Marketplace();
    private final JobQueueService jobs = new JobQueueService();
    private final List<String> mails = new ArrayList<>();
    private TestQueue queue;

    private void start() {
        queue = TestQueue.builder()
                .startAt(START)
                .tasks(client -> new ReminderTasks(client, market))
                .configure(jobs::configure)
                .start();
        jobs.attach(queue, queue.admin());
    }

    /** Mails are noted with the hour at which they were sent. */
    private void noteMails() {
        jobs.registerHandler(
                Email.TYPE,
                Email.class,
                job -> mails.add(
                        hours() + " h " + job.data().to() + ": " + job.data().subject()));
        start();
    }

    private long hours() {
        return Duration.between(START, queue.now()).toHours();
    }

    private WorkflowHandle<ConversationEnd> watch() {
        return queue.start(ReplyWatch.of(CONVERSATION, HOURS, Duration.ofHours(1)));
    }

    @AfterEach
    void stop() {
        queue.close();
    }

    @Test
    void remindsAt8And24And48And168HoursAndThenRecommendsOthers() throws Exception {
        noteMails();
        WorkflowHandle<ConversationEnd> watch = watch();

        queue.advance(Duration.ofDays(20));

        assertThat(mails)
                .containsExactly(
                        "8 h studio@lumen.example: Ada has been waiting for 8 hours",
                        "24 h studio@lumen.example: Ada has been waiting for 24 hours",
                        "48 h studio@lumen.example: Ada has been waiting for 48 hours",
                        "168 h studio@lumen.example: Ada has been waiting for 168 hours",
                        "168 h ada@clients.example: Others who offer photography");
        assertThat(watch.await(Duration.ZERO))
                .isEqualTo(new ConversationEnd("c-1", false, List.of("aperture", "goldenhour", "stillframe")));
    }

    @ParameterizedTest
    @CsvSource({"0,0", "7,0", "9,1", "23,1", "25,2", "47,2", "49,3", "167,3"})
    void anAnswerEndsTheReminders(int answeredAfter, int reminders) throws Exception {
        noteMails();
        WorkflowHandle<ConversationEnd> watch = watch();

        queue.advance(Duration.ofHours(answeredAfter));
        boolean isTaken = watch.signal(ReplyWatch.SIGNAL, Reply.class, new Reply("Yes, we are free"));
        queue.advance(Duration.ofDays(8));

        assertThat(isTaken).isTrue();
        assertThat(mails).hasSize(reminders).allMatch(mail -> mail.contains("studio@lumen.example"));
        assertThat(watch.state()).contains(WorkflowState.SUCCEEDED);
        assertThat(watch.await(Duration.ZERO)).isEqualTo(new ConversationEnd("c-1", true, List.of()));
    }

    @Test
    void isOverAsSoonAsTheAnswerIsThere() {
        noteMails();
        WorkflowHandle<ConversationEnd> watch = watch();
        queue.advance(Duration.ofHours(30));

        watch.signal(ReplyWatch.SIGNAL, Reply.class, new Reply("Yes"));
        queue.runUntilIdle();

        assertThat(watch.state()).contains(WorkflowState.SUCCEEDED);
        assertThat(jobs.getStats().delayed() + jobs.getStats().blocked()).isZero();
    }

    @Test
    void anAnswerAfterTheLastReminderChangesNothing() throws Exception {
        noteMails();
        WorkflowHandle<ConversationEnd> watch = watch();
        queue.advance(Duration.ofHours(169));

        boolean isTaken = watch.signal(ReplyWatch.SIGNAL, Reply.class, new Reply("Sorry for the delay"));
        queue.advance(Duration.ofDays(1));

        assertThat(isTaken).isFalse();
        assertThat(watch.await(Duration.ZERO).isAnswered()).isFalse();
    }

    @Test
    void aConversationIsWatchedOnce() {
        noteMails();
        watch();

        WorkflowHandle<ConversationEnd> second = watch();
        queue.advance(Duration.ofHours(10));

        assertThat(second.isNew()).isFalse();
        assertThat(mails).hasSize(1);
    }

    @Test
    void aReminderThatRunsTwiceIsSentOnce() {
        noteMails();
        queue.crashNext(task(ReminderTasks::responseReminder));
        watch();

        queue.advance(Duration.ofHours(9));

        assertThat(mails).containsExactly("8 h studio@lumen.example: Ada has been waiting for 8 hours");
        assertThat(queue.enqueued()).extracting(EnqueuedJob::task).containsOnlyOnce(Email.TYPE);
    }

    @Test
    void hoursMayBeOthersAndShorter() {
        noteMails();
        Workflow<ConversationEnd> quick = ReplyWatch.of(CONVERSATION, List.of(1, 3), Duration.ofMillis(40));
        queue.start(quick);

        queue.advance(Duration.ofMillis(39));
        assertThat(mails).isEmpty();
        queue.advance(Duration.ofMillis(1));
        assertThat(mails).hasSize(1);
        queue.advance(Duration.ofMillis(80));
        assertThat(mails).hasSize(3);
    }

    @Test
    void theMailsSayWhoWaitsAndWhoElseMayHelp() throws Exception {
        GreenMail server = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
        server.start();
        try {
            Mailer mailer = new Mailer("127.0.0.1", server.getSmtp().getPort());
            Breaker breaker = new Breaker("mail", Breaker.PAUSE, new TestTime(START));
            jobs.registerHandler(Email.TYPE, Email.class, Receipt.class, new MailHandler(mailer, breaker));
            start();
            watch();

            queue.advance(Duration.ofDays(8));

            MimeMessage[] received = server.getReceivedMessages();
            assertThat(received).hasSize(5);
            assertThat(received[0].getAllRecipients()[0]).hasToString("studio@lumen.example");
            assertThat(received[0].getContent().toString())
                    .contains("Hello Lumen Photography", "Ada has written to you", "Conversation: c-1");
            assertThat(received[4].getAllRecipients()[0]).hasToString("ada@clients.example");
            assertThat(received[4].getContent().toString().lines())
                    .containsSubsequence("- Aperture & Co", "- Golden Hour", "- Stillframe");
        } finally {
            server.stop();
        }
    }
}
