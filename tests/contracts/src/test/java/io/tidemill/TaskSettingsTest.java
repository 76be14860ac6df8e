package io.tidemill;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.tidemill.client.JobHandle;
import io.tidemill.event.JobEvent;
import io.tidemill.event.QueueEvent;
import io.tidemill.queue.QueueCounts;
import io.tidemill.task.ConfigurationException;
import io.tidemill.task.JobState;
import io.tidemill.task.Retry;
import io.tidemill.task.RetryPolicy;
import io.tidemill.task.Task;
import io.tidemill.test.Recorder;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What a process says otherwise than the declarations of its tasks. */
class TaskSettingsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Recorder events = new Recorder();

    /** Tasks that are sent elsewhere, fail or take long. */
    public static final class Tasks {

        @Task(name = "send", queue = "declared")
        public String send(String text) {
            return text;
        }

        @Task
        public void fails() {
            throw new IllegalStateException("always");
        }

        @Task(retry = @Retry(maxAttempts = 2))
        public void failsTwice() {
            throw new IllegalStateException("always");
        }

        @Task
        public void takesLong() throws InterruptedException {
            new CountDownLatch(1).await();
        }
    }

    private TaskQueueBuilder builder() {
        return TaskQueue.builder().tasks(new Tasks()).listener(events);
    }

    @Test
    void a_queue_that_is_set_here_is_where_jobs_go_and_what_is_served() throws Exception {
        try (TaskQueue queue =
                builder().task("send", task -> task.queue("eu").priority(9)).start()) {
            JobHandle<String> job = queue.enqueue(Tasks::send, "x");

            assertThat(job.queue()).isEqualTo("eu");
            assertThat(job.await(PATIENCE)).isEqualTo("x");
            assertThat(queue.enqueue("send", "by name").queue()).isEqualTo("eu");
            assertThat(queue.enqueue(call(Tasks::send, "y").queue("declared")).queue())
                    .isEqualTo("declared");
        }
    }

    @Test
    void a_producer_without_the_task_sends_calls_by_name_where_it_is_told() {
        try (TaskQueue queue = TaskQueue.builder()
                .task("send", task -> task.queue("eu").priority(9))
                .start()) {
            JobHandle<Object> job = queue.enqueue("send", "x");

            assertThat(job.queue()).isEqualTo("eu");
            assertThat(queue.admin().list("eu", JobState.READY, 0, 10))
                    .singleElement()
                    .satisfies(info -> assertThat(info.priority()).isEqualTo(9));
        }
    }

    @Test
    void the_policy_of_the_queue_holds_for_what_an_annotation_leaves_out() throws Exception {
        RetryPolicy three = RetryPolicy.defaults()
                .withMaxAttempts(3)
                .withDelay(Duration.ofMillis(1))
                .withJitter(false);
        try (TaskQueue queue = builder().retry(three).start()) {
            queue.enqueue(Tasks::fails);
            queue.enqueue(Tasks::failsTwice);

            assertThat(events.await(QueueEvent.Died.class, 2))
                    .extracting(JobEvent::task, JobEvent::attempt)
                    .containsExactlyInAnyOrder(tuple("fails", 3), tuple("failsTwice", 2));
            assertThat(events.await(QueueEvent.Retrying.class, 3))
                    .filteredOn(event -> event.task().equals("failsTwice"))
                    .singleElement()
                    .satisfies(event -> assertThat(event.delay()).isEqualTo(Duration.ofMillis(1)));
        }
    }

    @Test
    void a_policy_that_is_set_for_a_task_comes_before_its_annotation() throws Exception {
        try (TaskQueue queue = builder()
                .task("failsTwice", task -> task.retry(RetryPolicy.defaults().withMaxAttempts(1)))
                .start()) {
            queue.enqueue(Tasks::failsTwice);

            assertThat(events.await(QueueEvent.Died.class, 1).get(0).attempt()).isEqualTo(1);
        }
    }

    @Test
    void a_timeout_that_is_set_for_a_task_ends_its_runs() throws Exception {
        try (TaskQueue queue = builder()
                .task("takesLong", task -> task.timeout(Duration.ofMillis(20)))
                .start()) {
            queue.enqueue(Tasks::takesLong);

            assertThat(events.await(QueueEvent.Retrying.class, 1).get(0).error())
                    .contains("timeout of 20 ms");
            QueueCounts counts = queue.admin().counts("default");
            assertThat(counts.dead()).isZero();
        }
    }

    @Test
    void settings_that_are_wrong_are_problems_at_the_start() {
        TaskQueueBuilder builder = builder()
                .task("sent", task -> task.queue("eu"))
                .task("send", task -> task.queue("a{b").priority(10).timeout(Duration.ZERO))
                .task("no name", task -> {});

        assertThatThrownBy(builder::start)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("5 problems")
                .hasMessageContaining(
                        "task(\"sent\", ...) is about a task that is not registered here; did you mean \"send\"?")
                .hasMessageContaining("task \"send\": queue name may hold only")
                .hasMessageContaining("task \"send\": priority must be 0 (last) to 9 (first), got 10")
                .hasMessageContaining("task \"send\": timeout must be between")
                .hasMessageContaining("task name may hold only");
    }

    @Test
    void a_task_that_is_only_called_here_may_have_settings_if_names_are_not_checked() {
        try (TaskQueue queue = builder()
                .checkTaskNames(false)
                .task("elsewhere", task -> task.queue("far"))
                .start()) {
            assertThat(queue.enqueue("elsewhere").queue()).isEqualTo("far");
        }
    }
}
