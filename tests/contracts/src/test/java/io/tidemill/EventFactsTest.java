package io.tidemill;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.client.Call;
import io.tidemill.client.JobHandle;
import io.tidemill.event.QueueEvent;
import io.tidemill.event.RunInfo;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import io.tidemill.task.TaskSignal;
import io.tidemill.test.FakeClock;
import io.tidemill.test.Recorder;
import io.tidemill.test.Waits;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What events carry for the tools that listen. */
class EventFactsTest {

    private static final Throwable BROKEN = new IllegalStateException("broken", new IllegalArgumentException("deeper"));

    private final Recorder events = new Recorder();
    private final CountDownLatch open = new CountDownLatch(1);

    /** Tasks that end in every way. */
    public final class Ends {

        /** Fails twice. */
        @Task(name = "fails", retry = @Retry(maxAttempts = 2, delay = "0s", jitter = false))
        public void fails() throws Throwable {
            throw BROKEN;
        }

        /** Snoozes once. */
        @Task(name = "snoozes")
        public void snoozes() {
            if (TaskContext.current().attempt() == 1) {
                throw new TaskSignal.Snooze(Duration.ZERO);
            }
        }

        /** Waits. */
        @Task(name = "waits")
        public void waits() throws InterruptedException {
            open.await();
        }

        /** Takes too long. */
        @Task(name = "late", timeout = "50ms", retry = @Retry(maxAttempts = 1))
        public void late() throws InterruptedException {
            open.await();
        }
    }

    private TaskQueue queue() {
        return TaskQueue.builder().tasks(new Ends()).listener(events).start();
    }

    @Test
    void a_failure_comes_as_texts_and_as_the_very_exception_with_counts_duration_and_headers() throws Exception {
        try (TaskQueue queue = queue()) {
            queue.enqueue(Call.call(Ends::fails).header("tenant", "7"));
            events.await(QueueEvent.Died.class, 1);
            // The events of two runs may come in any order.
            events.await(QueueEvent.Retrying.class, 1);
        }

        QueueEvent.Retrying first = events.events(QueueEvent.Retrying.class).get(0);
        assertThat(first.run().failures()).isZero();
        assertThat(first.error()).isEqualTo("IllegalStateException: broken");
        QueueEvent.Died died = events.events(QueueEvent.Died.class).get(0);
        assertThat(died.failure().type()).isEqualTo("java.lang.IllegalStateException");
        assertThat(died.failure().message()).isEqualTo("broken");
        assertThat(died.failure().stack()).contains("Caused by: java.lang.IllegalArgumentException: deeper");
        assertThat(died.run().thrown()).isSameAs(BROKEN);
        assertThat(died.run().failures()).isOne();
        assertThat(died.run().took()).isNotNull().isGreaterThanOrEqualTo(Duration.ZERO);
        assertThat(died.headers()).isEqualTo(Map.of("tenant", "7"));
        assertThat(died.attempt()).isEqualTo(2);
        assertThat(events.events(QueueEvent.Started.class))
                .extracting(started -> started.run().failures())
                .containsExactly(0, 1);
    }

    @Test
    void a_release_counts_as_one_at_the_next_run() throws Exception {
        try (TaskQueue queue = queue()) {
            queue.enqueue(Ends::snoozes);
            events.await(QueueEvent.Succeeded.class, 1);
            // The events of two runs may come in any order.
            events.await(QueueEvent.Released.class, 1);
        }

        assertThat(events.events(QueueEvent.Released.class))
                .singleElement()
                .satisfies(released -> assertThat(released.run().took()).isNotNull());
        RunInfo last = events.events(QueueEvent.Succeeded.class).get(0).run();
        assertThat(last.releases()).isOne();
        assertThat(last.failures()).isZero();
        assertThat(last.thrown()).isNull();
    }

    @Test
    void a_first_run_says_how_long_its_job_waited_since_it_was_due_and_later_runs_do_not() throws Exception {
        FakeClock clock = new FakeClock();
        try (TaskQueue queue = TaskQueue.builder()
                .tasks(new Ends())
                .listener(events)
                .clock(clock)
                .start()) {
            queue.admin().pause("default");
            queue.enqueue(Call.call(Ends::snoozes).delay(Duration.ofSeconds(10)));
            clock.advance(Duration.ofSeconds(14));
            queue.admin().resume("default");
            events.await(QueueEvent.Succeeded.class, 1);
        }

        assertThat(events.events(QueueEvent.Started.class))
                .extracting(started -> started.run().waited())
                .containsExactly(Duration.ofSeconds(4), null);
    }

    @Test
    void a_timeout_is_a_failure_with_its_limit() throws Exception {
        try (TaskQueue queue = queue()) {
            queue.enqueue(Ends::late);
            assertThat(events.await(QueueEvent.Died.class, 1).get(0).reason())
                    .isEqualTo("TimeoutException: ran longer than its timeout of 50 ms");
        }
    }

    @Test
    void a_cancel_of_a_running_job_names_its_run() throws Exception {
        try (TaskQueue queue = queue()) {
            JobHandle<?> running = queue.enqueue(Ends::waits);
            events.await(QueueEvent.Started.class, 1);
            running.cancel();
            QueueEvent.Cancelled cancelled =
                    events.await(QueueEvent.Cancelled.class, 1).get(0);
            assertThat(cancelled.attempt()).isOne();
            assertThat(cancelled.run()).isNotNull();
        }
    }

    @Test
    void the_log_of_a_dead_job_has_the_stack_trace() throws Exception {
        PrintStream before = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        try (TaskQueue queue = queue()) {
            queue.enqueue(Ends::fails);
            events.await(QueueEvent.Died.class, 1);
            Waits.until(
                    "it is logged",
                    () -> said.toString(StandardCharsets.UTF_8)
                            .contains("is dead after attempt 2: IllegalStateException: broken"));
        } finally {
            System.setErr(before);
        }
        assertThat(said.toString(StandardCharsets.UTF_8))
                .contains("EventFactsTest")
                .contains("Caused by: java.lang.IllegalArgumentException: deeper");
    }

    @Test
    void texts_of_events_show_neither_headers_nor_stacks() throws Exception {
        try (TaskQueue queue = queue()) {
            queue.enqueue(Call.call(Ends::fails).header("token", "s3cret"));
            events.await(QueueEvent.Died.class, 1);
            events.await(QueueEvent.Retrying.class, 1);
        }

        assertThat(events.events())
                .extracting(QueueEvent::toString)
                .noneMatch(text -> text.contains("s3cret") || text.contains("\tat "));
    }
}
