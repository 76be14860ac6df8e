package io.tidemill.docs;

import static io.tidemill.client.Call.call;
import static io.tidemill.client.TaskRef.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.TaskQueue;
import io.tidemill.admin.JobInfo;
import io.tidemill.client.AwaitTimeoutException;
import io.tidemill.client.Awaited;
import io.tidemill.client.Call;
import io.tidemill.client.JobCancelledException;
import io.tidemill.client.JobFailedException;
import io.tidemill.client.JobHandle;
import io.tidemill.client.PreparedJob;
import io.tidemill.client.TaskRef;
import io.tidemill.docs.MailTasks.Receipt;
import io.tidemill.event.QueueEvent;
import io.tidemill.record.Job;
import io.tidemill.record.JobCodec;
import io.tidemill.redis.RedisBroker;
import io.tidemill.redis.RedisOptions;
import io.tidemill.redis.RedisResultBackend;
import io.tidemill.task.BrokerException;
import io.tidemill.task.JobState;
import io.tidemill.task.TaskContext;
import io.tidemill.test.Recorder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * Runs the Java of docs/guide.md, whose text {@link DocumentsTest} compares: sending, waiting, writing tasks. The rest
 * is in {@link GuideWorkersIT}.
 */
class GuideExamplesIT {

    private static final Duration SOON = Duration.ofSeconds(20);

    private final List<String> sent = new CopyOnWriteArrayList<>();
    private final Mailer mailer = (messageId, to, subject) -> sent.add(to + ": " + subject);

    private TaskQueue inMemory(Object... tasks) {
        return TaskQueue.builder().tasks(tasks).start();
    }

    @Nested
    class Enqueueing {

        @Test
        void by_method_reference() throws Exception {
            try (TaskQueue queue = inMemory(new MailTasks(mailer))) {
                // region: enqueue-typed
                JobHandle<Receipt> job = queue.enqueue(MailTasks::sendEmail, "ada@example.com", "Welcome");
                // endregion
                // region: await
                Receipt receipt = job.await(Duration.ofSeconds(10));
                // endregion
                assertThat(receipt).isEqualTo(new Receipt(job.id(), "ada@example.com"));
            }
        }

        @Test
        void with_options() {
            try (TaskQueue queue = inMemory(new MailTasks(mailer))) {
                // region: enqueue-options
                queue.enqueue(call(MailTasks::sendEmail, "ada@example.com", "Still there?")
                        .delay(Duration.ofHours(24))
                        .priority(8)
                        .id("nudge:ada"));
                // endregion
                JobInfo job = queue.admin().find("mail", "nudge:ada").orElseThrow();
                assertThat(job.state()).isEqualTo(JobState.SCHEDULED);
                assertThat(job.priority()).isEqualTo(8);
            }
        }

        @Test
        void by_a_reference_to_the_task() throws Exception {
            try (TaskQueue queue = inMemory(new MailTasks(mailer))) {
                // region: enqueue-task
                TaskRef.Of2<String, String, Receipt> send = task(MailTasks::sendEmail);

                String id =
                        queue.enqueue(send.call("ada@example.com", "Welcome")).id();
                Receipt receipt = queue.job(send, id).await(Duration.ofSeconds(10));
                // endregion
                assertThat(receipt).isEqualTo(new Receipt(id, "ada@example.com"));
            }
        }

        @Test
        void later_from_bytes() throws Exception {
            try (TaskQueue queue = inMemory(new MailTasks(mailer))) {
                // region: enqueue-prepared
                PreparedJob prepared = queue.prepare(call(MailTasks::sendEmail, "ada@example.com", "Welcome"));
                byte[] row = prepared.toBytes(); // into your table, in your transaction

                JobHandle<Object> job = queue.enqueue(PreparedJob.fromBytes(row)); // later, in any process
                // endregion
                assertThat(job.await(SOON)).isEqualTo(new Receipt(prepared.id(), "ada@example.com"));
                assertThat(queue.enqueue(prepared).isNew()).isFalse();
            }
        }

        @Test
        void by_name_from_a_producer() throws Exception {
            RedisOptions options = RedisOptions.defaults().withPrefix("guide");
            try (TaskQueue worker = TaskQueue.builder()
                            .broker(RedisBroker.connect(Docs.REDIS, options))
                            .tasks(new MailTasks(mailer))
                            .start();
                    TaskQueue queue = TaskQueue.builder()
                            .broker(RedisBroker.connect(Docs.REDIS, options))
                            .start()) {
                // region: enqueue-by-name
                JobHandle<Object> job = queue.enqueue(
                        Call.named("send_email", "ada@example.com", "Welcome").queue("mail"));
                // endregion
                assertThat(job.await(SOON)).isEqualTo(Map.of("messageId", job.id(), "to", "ada@example.com"));
                assertThat(worker.admin().counts("mail").dead()).isZero();
            }
        }

        @Test
        void through_a_shared_interface() throws Exception {
            try (TaskQueue queue = inMemory(new PdfInvoices())) {
                // region: enqueue-interface
                JobHandle<String> invoice = queue.enqueue(InvoiceTasks::createInvoice, 42L);
                // endregion
                assertThat(invoice.await(SOON)).isEqualTo("invoice-42.pdf");
            }
        }

        @Test
        void many() {
            List<String> customers = List.of("ada@example.com", "bob@example.com", "eve@example.com");
            try (TaskQueue queue = inMemory(new MailTasks(mailer))) {
                // region: enqueue-many
                List<CompletableFuture<JobHandle<Receipt>>> stored = new ArrayList<>();
                for (String customer : customers) {
                    stored.add(queue.enqueueAsync(call(MailTasks::sendEmail, customer, "News")));
                }
                stored.forEach(CompletableFuture::join); // throws if one was not stored
                // endregion
                assertThat(queue.admin().counts("mail").accepted()).isEqualTo(3);
            }
        }

        @Test
        void again_when_the_answer_is_missing() {
            try (TaskQueue queue = inMemory(new MailTasks(mailer))) {
                // region: enqueue-again
                Call<Receipt> welcome =
                        call(MailTasks::sendEmail, "ada@example.com", "Welcome").id("welcome:ada");
                try {
                    queue.enqueue(welcome);
                } catch (BrokerException e) {
                    queue.enqueue(welcome); // stored once, whether or not the first one arrived
                }
                // endregion
                queue.enqueue(welcome);
                assertThat(queue.admin().counts("mail").accepted()).isOne();
            }
        }
    }

    @Nested
    class Results {

        @Test
        void of_every_kind() throws Exception {
            CountDownLatch gate = new CountDownLatch(1);
            Mailer moody = (messageId, to, subject) -> {
                if (subject.equals("Broken")) {
                    throw new IllegalStateException("no such mailbox");
                }
                if (subject.equals("Withdrawn")) {
                    throw new io.tidemill.task.TaskSignal.Cancel("withdrawn");
                }
                await(gate);
            };
            try (TaskQueue queue = inMemory(new MailTasks(moody))) {
                JobHandle<Receipt> slow = queue.enqueue(MailTasks::sendEmail, "ada@example.com", "Slow");
                JobHandle<Receipt> broken = queue.enqueue(
                        call(MailTasks::sendEmail, "ada@example.com", "Broken").maxAttempts(1));
                JobHandle<Receipt> withdrawn = queue.enqueue(MailTasks::sendEmail, "ada@example.com", "Withdrawn");
                assertThat(outcome(broken, SOON)).isEqualTo("dead: no such mailbox");
                assertThat(outcome(withdrawn, SOON)).isEqualTo("cancelled");
                assertThat(outcome(slow, Duration.ofMillis(1))).isEqualTo("not yet");
                gate.countDown();
                assertThat(outcome(slow, SOON)).isEqualTo("sent as " + slow.id());
            }
        }

        // region: await-failures
        String outcome(JobHandle<Receipt> job, Duration timeout) throws InterruptedException {
            try {
                return "sent as " + job.await(timeout).messageId();
            } catch (JobFailedException e) {
                return "dead: " + e.failure().message();
            } catch (JobCancelledException e) {
                return "cancelled";
            } catch (AwaitTimeoutException e) {
                return "not yet"; // it goes on; await it again, or cancel it
            }
        }
        // endregion

        @Test
        void of_several_jobs() throws Exception {
            try (TaskQueue queue = inMemory(new PdfInvoices())) {
                // region: await-all
                List<JobHandle<String>> jobs = queue.enqueueAll(
                        List.of(call(InvoiceTasks::createInvoice, 42L), call(InvoiceTasks::createInvoice, 43L)));

                List<String> files = new ArrayList<>();
                List<String> missing = new ArrayList<>();
                for (Awaited<String> each : queue.awaitAll(jobs, Duration.ofMinutes(1))) {
                    if (each.isSuccess()) {
                        files.add(each.result());
                    } else {
                        missing.add(each.job().id());
                    }
                }
                // endregion
                assertThat(files).containsExactly("invoice-42.pdf", "invoice-43.pdf");
                assertThat(missing).isEmpty();
            }
        }

        @Test
        void looked_up_later() throws Exception {
            try (TaskQueue queue = inMemory(new PdfInvoices())) {
                String id = queue.enqueue(InvoiceTasks::createInvoice, 42L).id();
                queue.job("invoices", id).await(SOON);
                // region: find-again
                JobHandle<Object> job = queue.job("invoices", id);
                Optional<JobState> state = job.state();
                Optional<Object> result = job.result();
                // endregion
                assertThat(state).contains(JobState.SUCCEEDED);
                assertThat(result).contains("invoice-42.pdf");
            }
        }

        @Test
        void kept_elsewhere() throws Exception {
            // region: results-elsewhere
            TaskQueue queue = TaskQueue.builder()
                    .broker(RedisBroker.connect(Docs.REDIS))
                    .results(RedisResultBackend.connect(Docs.RESULTS))
                    .tasks(new PdfInvoices())
                    .start();
            // endregion
            try (queue) {
                assertThat(queue.enqueue(InvoiceTasks::createInvoice, 43L).await(SOON))
                        .isEqualTo("invoice-43.pdf");
            }
        }
    }

    /** A bank that answers as its test says. */
    private static final class SomeBank implements Bank {

        private boolean isClosed;
        private Exception problem;

        @Override
        public boolean isClosed() {
            return isClosed;
        }

        @Override
        public boolean isWithdrawn(long orderId) {
            return orderId == 13;
        }

        @Override
        public boolean knows(long orderId) {
            return orderId != 404;
        }

        @Override
        public String charge(String key, long orderId) throws java.io.IOException, CardRefusedException, BusyException {
            if (problem instanceof CardRefusedException refused) {
                throw refused;
            }
            if (problem instanceof BusyException busy) {
                throw busy;
            }
            return "charged " + orderId;
        }
    }

    @Nested
    class Failing {

        private final SomeBank bank = new SomeBank();
        private final Recorder events = new Recorder();

        private TaskQueue queue() {
            return TaskQueue.builder()
                    .tasks(new PaymentTasks(bank))
                    .listener(events)
                    .start();
        }

        @Test
        void not_at_all_and_as_cancelled() throws Exception {
            try (TaskQueue queue = queue()) {
                assertThat(queue.enqueue(PaymentTasks::charge, 7L).await(SOON)).isEqualTo("charged 7");
                JobHandle<String> withdrawn = queue.enqueue(PaymentTasks::charge, 13L);
                assertThatThrownBy(() -> withdrawn.await(SOON)).isInstanceOf(JobCancelledException.class);
            }
        }

        @Test
        void later() throws Exception {
            bank.isClosed = true;
            try (TaskQueue queue = queue()) {
                queue.enqueue(PaymentTasks::charge, 7L);
                assertThat(events.await(QueueEvent.Released.class, 1).get(0).delay())
                        .isEqualTo(Duration.ofMinutes(30));
            }
        }

        @Test
        void and_again_when_the_bank_says_so() throws Exception {
            bank.problem = new Bank.BusyException();
            try (TaskQueue queue = queue()) {
                queue.enqueue(PaymentTasks::charge, 7L);
                assertThat(events.await(QueueEvent.Retrying.class, 1).get(0).delay())
                        .isEqualTo(Duration.ofMinutes(1));
            }
        }

        @Test
        void for_good() {
            bank.problem = new Bank.CardRefusedException();
            try (TaskQueue queue = queue()) {
                JobHandle<String> job = queue.enqueue(PaymentTasks::charge, 7L);
                assertThatThrownBy(() -> job.await(SOON)).hasMessageContaining("after attempt 1:");
                JobHandle<String> unknown = queue.enqueue(PaymentTasks::charge, 404L);
                assertThatThrownBy(() -> unknown.await(SOON)).hasMessageContaining("there is no order 404");
            }
        }
    }

    /** The record that the guide prints is what is written. */
    @Test
    void the_record_in_the_guide_is_the_one_that_is_written() throws Exception {
        byte[] record = JobCodec.encode(new Job(
                "send_email",
                "[\"ada@example.com\",\"Welcome\"]".getBytes(StandardCharsets.UTF_8),
                1795212339800L,
                Duration.ofSeconds(30),
                3,
                Map.of("tenant", "7")));
        assertThat(Files.readString(Path.of("../docs/guide.md"))).contains(new String(record, StandardCharsets.UTF_8));
    }

    /** The guide says what a unit test of a task does. */
    @Test
    void a_task_can_be_called_without_a_queue() {
        assertThatThrownBy(TaskContext::current).hasMessageContaining("no job runs on thread");
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
