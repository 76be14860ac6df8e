package io.tidemill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.client.JobHandle;
import io.tidemill.event.QueueEvent;
import io.tidemill.task.ConfigurationException;
import io.tidemill.task.PayloadException;
import io.tidemill.task.RetryPolicy;
import io.tidemill.task.Task;
import io.tidemill.test.Recorder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Tasks that are declared in code, without an annotation. */
class HandlersTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** An argument. */
    record Mail(String to, int copies) {}

    private final Recorder events = new Recorder();

    /** A task that has the same name as a handler. */
    public static final class Annotated {

        @Task(name = "send-email")
        public void send() {}
    }

    @Test
    void a_handler_gets_its_argument_and_the_context_of_its_job() throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        try (TaskQueue queue = TaskQueue.builder()
                .handle("send-email", Mail.class, (mail, context) -> seen.add(context.jobId() + " to " + mail.to()))
                .start()) {
            JobHandle<Object> job = queue.enqueue("send-email", new Mail("ada", 2));

            assertThat(job.await(PATIENCE)).isNull();
            assertThat(seen).containsExactly(job.id() + " to ada");
        }
    }

    @Test
    void a_handler_may_have_a_result() throws Exception {
        try (TaskQueue queue = TaskQueue.builder()
                .handle("twice", Integer.class, Integer.class, (number, context) -> 2 * number)
                .start()) {
            assertThat(queue.enqueue("twice", 21).await(PATIENCE)).isEqualTo(42);
        }
    }

    @Test
    void its_settings_are_those_of_its_task() throws Exception {
        try (TaskQueue queue = TaskQueue.builder()
                .listener(events)
                .retry(RetryPolicy.defaults().withMaxAttempts(1))
                .handle("fails", String.class, (text, context) -> {
                    throw new IllegalStateException(text);
                })
                .task("fails", task -> task.queue("failing"))
                .start()) {
            assertThat(queue.enqueue("fails", "always").queue()).isEqualTo("failing");
            assertThat(events.await(QueueEvent.Died.class, 1).get(0).reason())
                    .isEqualTo("IllegalStateException: always");
        }
    }

    @Test
    void an_interceptor_sees_a_definition_without_a_method() throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        try (TaskQueue queue = TaskQueue.builder()
                .handle("send-email", Mail.class, (mail, context) -> {})
                .interceptRuns(run -> {
                    seen.add(run.definition().signature() + " "
                            + run.definition().method());
                    return run.proceed();
                })
                .start()) {
            queue.enqueue("send-email", new Mail("ada", 1)).await(PATIENCE);

            assertThat(seen).containsExactly("handle(\"send-email\", Mail) null");
        }
    }

    @Test
    void a_call_is_checked_against_the_handler() {
        try (TaskQueue queue = TaskQueue.builder()
                .handle("send-email", Mail.class, (mail, context) -> {})
                .start()) {
            assertThatThrownBy(() -> queue.enqueue("send-email", Map.of("to", "ada", "copies", "many")))
                    .isInstanceOf(PayloadException.class)
                    .hasMessageContaining("it is declared as handle(\"send-email\", Mail)");
            assertThatThrownBy(() -> queue.enqueue("send-email"))
                    .isInstanceOf(PayloadException.class)
                    .hasMessageContaining("task \"send-email\" was not enqueued");
        }
    }

    @Test
    void what_is_wrong_with_a_handler_is_a_problem_at_the_start() {
        TaskQueueBuilder builder = TaskQueue.builder()
                .tasks(new Annotated())
                .handle("send-email", Mail.class, (mail, context) -> {})
                .handle("no name", String.class, (text, context) -> {})
                .handle("later", String.class, CompletableFuture.class, (text, context) -> new CompletableFuture<>())
                .handle("thread", Thread.class, (thread, context) -> {});

        assertThatThrownBy(builder::start)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("4 problems")
                .hasMessageContaining(
                        "\"send-email\" is declared twice, by Annotated.send() and by handle(\"send-email\", Mail)")
                .hasMessageContaining("handle(\"no name\", String): task name may hold only")
                .hasMessageContaining("handle(\"later\", String) returns a CompletableFuture")
                .hasMessageContaining("handle(\"thread\", Thread): argument 0");
    }
}
