package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.TaskQueue;
import io.tidemill.TaskQueueBuilder;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.task.Task;
import io.tidemill.test.Waits;
import io.tidemill.test.redis.RedisServer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a first program meets. */
class StartTest {

    /** A task. */
    public static final class Greeting {
        @Task
        public String greet() {
            return "hello";
        }
    }

    /** What is logged while a queue starts; the tests' logger writes to the standard error stream. */
    private static String logOfStarting(TaskQueueBuilder builder) {
        PrintStream before = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        try (TaskQueue queue = builder.start()) {
            assertThat(queue.admin().queues()).isNotNull();
        } finally {
            System.setErr(before);
        }
        return said.toString(StandardCharsets.UTF_8);
    }

    @Test
    void a_queue_in_memory_without_tasks_says_once_that_its_jobs_run_nowhere() {
        String warning = "neither a broker nor tasks were given";

        assertThat(logOfStarting(TaskQueue.builder())).containsOnlyOnce(warning);
        assertThat(logOfStarting(TaskQueue.builder().broker(new MemoryBroker())))
                .doesNotContain(warning);
        assertThat(logOfStarting(TaskQueue.builder().tasks(new Greeting())))
                .contains("with at most 10 jobs at once")
                .doesNotContain(warning);
        assertThat(logOfStarting(TaskQueue.builder().tasks(new Greeting()).concurrency(1)))
                .contains("with at most 1 job at once");
    }

    @Test
    void a_builder_starts_one_queue() {
        TaskQueueBuilder builder = TaskQueue.builder().tasks(new Greeting());
        try (TaskQueue queue = builder.start()) {
            assertThatThrownBy(builder::start)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("make a new builder with a new broker");
            assertThat(queue.admin().counts("default").accepted()).isZero();
        }
    }

    @Test
    void whoever_awaits_the_close_waits_until_everything_has_stopped() throws Exception {
        TaskQueue queue = TaskQueue.builder().tasks(new Greeting()).start();
        CountDownLatch closed = new CountDownLatch(1);
        Thread main = new Thread(() -> {
            try {
                queue.awaitClose();
                closed.countDown();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        main.start();
        Waits.until("it waits", () -> main.getState() == Thread.State.WAITING);

        queue.close();

        assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
        queue.awaitClose();
        main.join();
    }

    @Test
    void whoever_awaits_the_close_may_be_interrupted_and_the_queue_goes_on() throws Exception {
        try (TaskQueue queue = TaskQueue.builder().tasks(new Greeting()).start()) {
            Thread.currentThread().interrupt();

            assertThatThrownBy(queue::awaitClose).isInstanceOf(InterruptedException.class);

            assertThat(queue.enqueue(Greeting::greet).await(java.time.Duration.ofSeconds(20)))
                    .isEqualTo("hello");
        }
    }

    @Test
    void a_redis_for_tests_takes_a_port_of_its_own() {
        assertThatThrownBy(() -> RedisServer.start("--port", "6379"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("leave out --port, and ask port() or uri()");
    }
}
