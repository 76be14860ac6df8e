package io.tidemill;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.client.TaskClient;
import io.tidemill.event.QueueEvent;
import io.tidemill.task.ConfigurationException;
import io.tidemill.task.Task;
import io.tidemill.test.Recorder;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Values of the application that travel from the thread that enqueues to the threads that run. */
class ContextCarrierTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final ThreadLocal<String> TENANT = new ThreadLocal<>();
    private static final ThreadLocal<Locale> LOCALE = new ThreadLocal<>();

    private final List<String> seen = new CopyOnWriteArrayList<>();

    /** Say what they see. */
    public static final class Tasks {

        private final TaskClient queue;

        Tasks(TaskClient queue) {
            this.queue = queue;
        }

        @Task(name = "look")
        public String look() {
            return TENANT.get() + " " + LOCALE.get();
        }

        @Task(name = "hand_on")
        public String handOn() throws InterruptedException {
            return "child of " + queue.enqueue(Tasks::look).await(PATIENCE);
        }
    }

    @AfterEach
    void clear() {
        TENANT.remove();
        LOCALE.remove();
    }

    private TaskQueueBuilder builder() {
        return TaskQueue.builder()
                .tasks(queue -> new Tasks(queue))
                .interceptRuns(run -> {
                    String before = String.valueOf(TENANT.get());
                    Object result = run.proceed();
                    seen.add(before + " then " + TENANT.get());
                    return result;
                })
                .carry(
                        ContextCarrier.of("tenant", TENANT),
                        ContextCarrier.of("locale", LOCALE, Locale::toLanguageTag, Locale::forLanguageTag));
    }

    @Test
    void a_run_sees_the_values_of_the_thread_that_enqueued_its_job() throws Exception {
        try (TaskQueue queue = builder().start()) {
            TENANT.set("acme");
            LOCALE.set(Locale.CANADA_FRENCH);

            assertThat(queue.enqueue(Tasks::look).await(PATIENCE)).isEqualTo("acme fr_CA");
            TENANT.remove();
            assertThat(queue.enqueue(Tasks::look).await(PATIENCE)).isEqualTo("null fr_CA");
        }
        assertThat(seen).containsExactly("null then null", "null then null");
    }

    @Test
    void jobs_that_a_job_enqueues_see_them_too() throws Exception {
        try (TaskQueue queue = builder().start()) {
            TENANT.set("acme");

            assertThat(queue.enqueue(Tasks::handOn).await(PATIENCE)).isEqualTo("child of acme null");
        }
    }

    @Test
    void each_call_of_a_bulk_carries_them() throws Exception {
        try (TaskQueue queue = builder().start()) {
            TENANT.set("acme");

            assertThat(queue.enqueueAll(List.of(call(Tasks::look), call(Tasks::look)))
                            .get(1)
                            .await(PATIENCE))
                    .isEqualTo("acme null");
        }
    }

    @Test
    void a_value_that_is_too_long_refuses_the_call() {
        try (TaskQueue queue = builder().start()) {
            TENANT.set("a".repeat(3000));

            assertThatThrownBy(() -> queue.enqueue(Tasks::look))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("header context.tenant may have at most 2048 characters");
        }
    }

    @Test
    void a_value_that_cannot_be_read_fails_the_run() throws Exception {
        Recorder events = new Recorder();
        ContextCarrier broken = ContextCarrier.of("odd", () -> "x", value -> {
            if (value != null && value.equals("x") && TENANT.get() == null) {
                throw new IllegalStateException("no such tenant");
            }
        });
        try (TaskQueue queue = TaskQueue.builder()
                .tasks(client -> new Tasks(client))
                .listener(events)
                .carry(broken)
                .start()) {
            queue.enqueue(call(Tasks::look).maxAttempts(1));

            assertThat(events.await(QueueEvent.Died.class, 1).get(0).reason()).contains("no such tenant");
        }
    }

    @Test
    void its_name_is_a_name() {
        TaskQueueBuilder builder = TaskQueue.builder().carry(ContextCarrier.of("bad name", TENANT));

        assertThatThrownBy(builder::start).isInstanceOf(ConfigurationException.class);
    }

    @Test
    void two_carriers_of_one_name_are_refused_at_the_start() {
        TaskQueueBuilder builder = TaskQueue.builder()
                .carry(ContextCarrier.of("tenant", TENANT))
                .carry(ContextCarrier.of("tenant", new ThreadLocal<>()));

        assertThatThrownBy(builder::start)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("there is a carrier named \"tenant\" already");
    }
}
