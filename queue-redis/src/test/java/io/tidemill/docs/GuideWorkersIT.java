package io.tidemill.docs;

import static io.tidemill.client.Call.call;
import static io.tidemill.client.Call.item;
import static io.tidemill.client.Call.named;
import static io.tidemill.client.TaskRef.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.tidemill.Health;
import io.tidemill.LogFields;
import io.tidemill.TaskQueue;
import io.tidemill.admin.DeadFilter;
import io.tidemill.admin.JobFilter;
import io.tidemill.admin.JobInfo;
import io.tidemill.admin.Matching;
import io.tidemill.client.JobCancelledException;
import io.tidemill.client.JobHandle;
import io.tidemill.docs.MailTasks.Receipt;
import io.tidemill.docs.ProductTasks.Product;
import io.tidemill.event.QueueEvent;
import io.tidemill.queue.CancelReply;
import io.tidemill.queue.QueueCounts;
import io.tidemill.redis.RedisBroker;
import io.tidemill.redis.RedisOptions;
import io.tidemill.task.JobState;
import io.tidemill.task.RetryPolicy;
import io.tidemill.task.WorkerOptions;
import io.tidemill.test.FakeClock;
import io.tidemill.test.Recorder;
import io.tidemill.test.Waits;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * Runs the Java of docs/guide.md about workers, tests and operation, whose text {@link DocumentsTest} compares. Long,
 * because it is one part of one document.
 */
class GuideWorkersIT {

    private static final Duration SOON = Duration.ofSeconds(20);

    private final List<String> sent = new CopyOnWriteArrayList<>();
    private final Mailer mailer = (messageId, to, subject) -> sent.add(to + ": " + subject);

    private TaskQueue inMemory(Object... tasks) {
        return TaskQueue.builder().tasks(tasks).start();
    }

    @Nested
    class Cancelling {

        @Test
        void a_running_job() throws Exception {
            CountDownLatch begun = new CountDownLatch(1);
            AtomicLong written = new AtomicLong();
            ExportTasks exports = new ExportTasks(id -> {
                begun.countDown();
                written.incrementAndGet();
            });
            List<Long> orders =
                    java.util.stream.LongStream.range(0, 20_000).boxed().toList();
            try (TaskQueue queue = inMemory(exports)) {
                JobHandle<Integer> all = queue.enqueue(ExportTasks::export, orders);
                assertThat(all.await(SOON)).isEqualTo(20_000);

                CountDownLatch running = new CountDownLatch(1);
                ExportTasks blocked = new ExportTasks(id -> {
                    running.countDown();
                    awaitInterrupt();
                });
                try (TaskQueue other = inMemory(blocked)) {
                    JobHandle<Integer> job = other.enqueue(ExportTasks::export, List.of(1L, 2L));
                    await(running);
                    // region: cancel
                    CancelReply reply = job.cancel();
                    // endregion
                    assertThat(reply).isEqualTo(CancelReply.REQUESTED);
                    assertThatThrownBy(() -> job.await(SOON)).isInstanceOf(JobCancelledException.class);
                }
            }
        }

        @Test
        void all_jobs_of_a_tenant() {
            try (TaskQueue queue = TaskQueue.builder().start()) {
                queue.enqueue(named("export").queue("reports").header("tenant", "acme"));
                queue.enqueue(named("export").queue("reports").header("tenant", "other"));
                // region: cancel-all
                JobFilter exports = JobFilter.task("export").header("tenant", "acme");
                Matching wouldBe = queue.admin().matching("reports", exports); // changes nothing
                Matching were = queue.admin().cancelAll("reports", exports);
                // endregion
                assertThat(wouldBe.total()).isEqualTo(1);
                assertThat(were.waiting()).isEqualTo(1);
                assertThat(were.running()).isZero();
                assertThat(queue.admin().counts("reports").ready()).isEqualTo(1);
            }
        }

        /** Ends with the interrupt of the cancelling, and leaves it to whoever looks next. */
        private void awaitInterrupt() {
            while (!Thread.currentThread().isInterrupted()) {
                Thread.onSpinWait();
            }
        }
    }

    @Nested
    class Async {

        @Test
        void a_webhook_is_delivered_without_a_thread() throws Exception {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", exchange -> {
                exchange.sendResponseHeaders(204, -1);
                exchange.close();
            });
            server.start();
            URI hook = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/hook");
            try (TaskQueue queue = inMemory(new WebhookTasks())) {
                // region: async-call
                JobHandle<Integer> job = queue.enqueue(WebhookTasks::deliver, hook, "{}");
                int status = job.await(Duration.ofSeconds(20));
                // endregion
                assertThat(status).isEqualTo(204);
            } finally {
                server.stop(0);
            }
        }
    }

    @Nested
    class Batches {

        @Test
        void of_products() throws Exception {
            try (TaskQueue queue = inMemory(new ProductTasks())) {
                // region: batch-call
                Product product = new Product("p-1", "A linen shirt, white");
                queue.enqueue(item(ProductTasks::index, product));
                int weight = queue.enqueue(item(ProductTasks::weigh, product)).await(Duration.ofSeconds(20));
                // endregion
                assertThat(weight).isEqualTo(20);
            }
        }
    }

    @Nested
    class Workers {

        @Test
        void with_a_shutdown_hook() throws Exception {
            AtomicReference<TaskQueue> running = new AtomicReference<>();
            CountDownLatch ended = new CountDownLatch(1);
            Thread main = new Thread(() -> {
                try {
                    work(running::set);
                    ended.countDown();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            main.start();
            Waits.until("it has started", () -> running.get() != null);
            TaskQueue queue = running.get();
            assertThat(queue.enqueue(MailTasks::sendEmail, "ada@example.com", "Hook")
                            .await(SOON)
                            .to())
                    .isEqualTo("ada@example.com");
            assertThat(ended.getCount()).isOne();

            queue.close();

            assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
        }

        private void work(Consumer<TaskQueue> started) throws InterruptedException {
            // region: run-a-worker
            TaskQueue queue = TaskQueue.builder()
                    .broker(RedisBroker.connect(Docs.REDIS))
                    .tasks(new MailTasks(mailer), new PdfInvoices())
                    .concurrency(20)
                    .drainTimeout(Duration.ofSeconds(20))
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(queue::close));
            // endregion
            started.accept(queue);
            // region: await-close
            queue.awaitClose();
            // endregion
        }

        @Test
        void with_every_setting() throws Exception {
            // region: worker-options
            WorkerOptions options = WorkerOptions.defaults()
                    .withConcurrency(50)
                    .withLease(Duration.ofSeconds(15))
                    .withMaxUnknownReleases(1000);
            TaskQueue queue = TaskQueue.builder()
                    .broker(RedisBroker.connect(
                            Docs.REDIS, RedisOptions.defaults().withPrefix("shop")))
                    .tasks(new MailTasks(mailer))
                    .worker(options)
                    .start();
            // endregion
            try (queue) {
                assertThat(queue.enqueue(MailTasks::sendEmail, "ada@example.com", "Options")
                                .await(SOON)
                                .to())
                        .isEqualTo("ada@example.com");
            }
        }

        @Test
        void with_a_handler() throws Exception {
            record Customer(String name, String email) {}
            // region: handlers
            TaskQueue queue = TaskQueue.builder()
                    .handle(
                            "send-welcome",
                            Customer.class,
                            (customer, context) ->
                                    mailer.send(context.jobId(), customer.email(), "Welcome, " + customer.name()))
                    .task("send-welcome", task -> task.queue("mail").timeout(Duration.ofSeconds(30)))
                    .start();
            queue.enqueue("send-welcome", new Customer("Ada", "ada@example.com"));
            // endregion
            try (queue) {
                Waits.until("the mail is sent", () -> sent.contains("ada@example.com: Welcome, Ada"));
            }
        }

        @Test
        void with_an_extension() throws Exception {
            // region: log-fields
            TaskQueue queue = TaskQueue.builder()
                    .tasks(new MailTasks(mailer))
                    .install(LogFields.of("requestId", "tenant"))
                    .start();
            // endregion
            try (queue) {
                JobHandle<Receipt> job = queue.enqueue(MailTasks::sendEmail, "ada@example.com", "Welcome");
                assertThat(job.await(SOON).to()).isEqualTo("ada@example.com");
            }
        }

        @Test
        void with_other_settings_than_the_annotations_say() throws Exception {
            // region: task-settings
            TaskQueue queue = TaskQueue.builder()
                    .tasks(new MailTasks(mailer))
                    .retry(RetryPolicy.defaults().withMaxAttempts(20)) // for what @Retry leaves out
                    .task("send_email", task -> task.queue("mail-eu").timeout(Duration.ofSeconds(10)))
                    .start();
            // endregion
            try (queue) {
                JobHandle<Receipt> job = queue.enqueue(MailTasks::sendEmail, "ada@example.com", "Welcome");
                assertThat(job.queue()).isEqualTo("mail-eu");
                assertThat(job.await(SOON).to()).isEqualTo("ada@example.com");
            }
        }

        @Test
        void with_a_listener() throws Exception {
            List<String> alarms = new CopyOnWriteArrayList<>();
            Mailer broken = (messageId, to, subject) -> {
                throw new IllegalStateException("no such mailbox");
            };
            // region: listen
            TaskQueue queue = TaskQueue.builder()
                    .tasks(new MailTasks(broken))
                    .listener(event -> {
                        if (event instanceof QueueEvent.Died died) {
                            alarms.add(died.task() + " " + died.jobId() + " is dead: " + died.reason());
                        }
                    })
                    .start();
            // endregion
            try (queue) {
                JobHandle<Receipt> job = queue.enqueue(
                        call(MailTasks::sendEmail, "ada@example.com", "Hi").maxAttempts(1));
                Waits.until("the alarm", () -> !alarms.isEmpty());
                assertThat(alarms)
                        .containsExactly("send_email " + job.id() + " is dead: IllegalStateException: no such mailbox");
            }
        }
    }

    @Nested
    class Testing {

        // region: test-in-memory
        @Test
        void a_customer_gets_one_welcome() throws Exception {
            List<String> sent = new CopyOnWriteArrayList<>();
            Recorder events = new Recorder();
            MailTasks tasks = new MailTasks((messageId, to, subject) -> sent.add(to));
            try (TaskQueue queue =
                    TaskQueue.builder().tasks(tasks).listener(events).start()) {
                queue.enqueue(MailTasks::sendEmail, "ada@example.com", "Welcome");

                events.await(QueueEvent.Succeeded.class, 1);
            }
            assertThat(sent).containsExactly("ada@example.com");
        }
        // endregion

        // region: test-fake-time
        @Test
        void the_reminder_goes_out_after_a_day() throws Exception {
            List<String> sent = new CopyOnWriteArrayList<>();
            FakeClock clock = new FakeClock();
            MailTasks tasks = new MailTasks((messageId, to, subject) -> sent.add(subject));
            try (TaskQueue queue = TaskQueue.builder().tasks(tasks).clock(clock).start()) {
                queue.enqueue(call(MailTasks::sendEmail, "ada@example.com", "Still there?")
                        .delay(Duration.ofHours(24)));

                clock.advance(Duration.ofHours(23));
                assertThat(sent).isEmpty();

                clock.advance(Duration.ofHours(1));
                Waits.until("the reminder is out", () -> sent.equals(List.of("Still there?")));
            }
        }
        // endregion
    }

    @Nested
    class Operating {

        @Test
        void health() {
            try (TaskQueue queue =
                    TaskQueue.builder().tasks(new MailTasks(mailer)).start()) {
                // region: health
                Health health = queue.health();
                int readiness = health.ready() ? 200 : 503;
                int liveness = health.live() ? 200 : 503;
                String why = String.join("; ", health.problems());
                // endregion
                assertThat(List.of(readiness, liveness)).containsExactly(200, 200);
                assertThat(why).isEmpty();
            }
        }

        @Test
        void dead_letters() throws Exception {
            CountDownLatch repaired = new CountDownLatch(1);
            Mailer broken = (messageId, to, subject) -> {
                if (repaired.getCount() > 0) {
                    throw new IllegalStateException("no such mailbox");
                }
                sent.add(to);
            };
            Recorder events = new Recorder();
            try (TaskQueue queue = TaskQueue.builder()
                    .tasks(new MailTasks(broken))
                    .listener(events)
                    .start()) {
                queue.enqueue(
                        call(MailTasks::sendEmail, "ada@example.com", "Hi").maxAttempts(1));
                events.await(QueueEvent.Died.class, 1);
                // region: look
                QueueCounts counts = queue.admin().counts("mail");
                List<JobInfo> dead = queue.admin().list("mail", JobState.DEAD, 0, 100);
                for (JobInfo job : dead) {
                    System.out.println(
                            job.times().finished() + " " + job.task() + " " + job.id() + " " + job.failure());
                }
                // endregion
                assertThat(counts.dead()).isOne();
                repaired.countDown();
                JobInfo job = dead.get(0);
                // region: redrive
                queue.admin().redrive("mail", job.id());
                queue.admin().redriveAll("mail", DeadFilter.errorType("MailException"), 10);
                // endregion
                events.await(QueueEvent.Succeeded.class, 1);
                assertThat(sent).containsExactly("ada@example.com");
            }
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
