package io.tidemill.docs;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.ContextCarrier;
import io.tidemill.TaskQueue;
import io.tidemill.client.JobHandle;
import io.tidemill.client.TaskClient;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Runs the Java of docs/guide.md about contexts and deadlines, whose text {@link DocumentsTest} compares. */
class ContextExamplesTest {

    private static final ThreadLocal<String> TENANT = new ThreadLocal<>();
    private static final ThreadLocal<Locale> LOCALE = new ThreadLocal<>();

    /** Says what it sees. */
    public static class LookTasks {

        @Task(name = "look")
        public String look() {
            return TENANT.get() + " " + LOCALE.get();
        }
    }

    @Test
    void a_tenant() throws Exception {
        LookTasks tasks = new LookTasks();
        // region: carry
        TaskQueue queue = TaskQueue.builder()
                .tasks(tasks)
                .carry(
                        ContextCarrier.of("tenant", TENANT), // a ThreadLocal<String>
                        ContextCarrier.of("locale", LOCALE, Locale::toLanguageTag, Locale::forLanguageTag))
                .start();
        // endregion
        TENANT.set("acme");
        LOCALE.set(Locale.FRANCE);
        try (queue) {
            assertThat(queue.enqueue(LookTasks::look).await(Duration.ofSeconds(20)))
                    .isEqualTo("acme fr_FR");
        } finally {
            TENANT.remove();
            LOCALE.remove();
        }
    }

    /** A report of two jobs. */
    public static class ReportTasks {

        private final TaskClient queue;
        final CompletableFuture<Duration> left = new CompletableFuture<>();

        ReportTasks(TaskClient queue) {
            this.queue = queue;
        }

        // region: deadline
        @Task(name = "report", timeout = "5m")
        public void report(long order) {
            queue.enqueue(call(ReportTasks::render, order).inheritDeadline());
        }
        // endregion

        @Task(name = "render")
        public void render(long order) {
            left.complete(TaskContext.current().remaining().orElse(Duration.ZERO));
        }
    }

    @Test
    void a_deadline() throws Exception {
        CompletableFuture<ReportTasks> made = new CompletableFuture<>();
        try (TaskQueue queue = TaskQueue.builder()
                .tasks(client -> {
                    ReportTasks tasks = new ReportTasks(client);
                    made.complete(tasks);
                    return tasks;
                })
                .start()) {
            JobHandle<Void> job = queue.enqueue(ReportTasks::report, 7L);

            assertThat(job.await(Duration.ofSeconds(20))).isNull();
            assertThat(made.get(20, TimeUnit.SECONDS).left.get(20, TimeUnit.SECONDS))
                    .isBetween(Duration.ofMillis(1), Duration.ofMinutes(5));
        }
    }
}
