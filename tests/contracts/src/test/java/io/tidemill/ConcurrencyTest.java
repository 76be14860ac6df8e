package io.tidemill;

import static io.tidemill.client.Call.named;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.client.JobHandle;
import io.tidemill.event.JobEvent;
import io.tidemill.event.QueueEvent;
import io.tidemill.queue.CancelReply;
import io.tidemill.task.ConfigurationException;
import io.tidemill.task.JobState;
import io.tidemill.task.Retention;
import io.tidemill.task.RetryPolicy;
import io.tidemill.task.WorkerOptions;
import io.tidemill.test.Recorder;
import io.tidemill.test.Waits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How many jobs of one queue, and runs of one task, a process has at once. */
class ConcurrencyTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Recorder events = new Recorder();
    private final Semaphore mayEnd = new Semaphore(0);
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final List<TaskQueue> open = new ArrayList<>();

    @AfterEach
    void close() {
        mayEnd.release(1000);
        open.forEach(TaskQueue::close);
    }

    private void run() throws InterruptedException {
        most.accumulateAndGet(running.incrementAndGet(), Math::max);
        try {
            mayEnd.acquire();
        } finally {
            running.decrementAndGet();
        }
    }

    private TaskQueueBuilder builder() {
        return TaskQueue.builder()
                .listener(events)
                .drainTimeout(Duration.ofSeconds(10))
                .concurrency(10)
                .handle("slow", Integer.class, (number, context) -> run())
                .task("slow", task -> task.queue("slow"))
                .handle("quick", Integer.class, (number, context) -> {});
    }

    private TaskQueue start(TaskQueueBuilder builder) {
        TaskQueue queue = builder.start();
        open.add(queue);
        return queue;
    }

    private static void enqueue(TaskQueue queue, String task, int jobs) {
        for (int i = 0; i < jobs; i++) {
            queue.enqueueAsync(named(task, i));
        }
    }

    @Test
    void a_queue_runs_no_more_jobs_than_its_own_limit_and_claims_no_more() throws Exception {
        TaskQueue queue = start(builder().concurrency("slow", 2));
        enqueue(queue, "slow", 7);
        Waits.until("two run", () -> running.get() == 2);
        Waits.until("all are stored", () -> queue.admin().counts("slow").ready() == 5);
        enqueue(queue, "quick", 20);
        events.await(QueueEvent.Succeeded.class, 20);

        assertThat(queue.admin().counts("slow").active()).isEqualTo(2);
        mayEnd.release(7);
        events.await(QueueEvent.Succeeded.class, 27);
        assertThat(most).hasValue(2);
    }

    @Test
    void a_task_has_no_more_runs_at_once_than_it_is_allowed() throws Exception {
        TaskQueue queue = start(builder().task("slow", task -> task.concurrency(2)));
        enqueue(queue, "slow", 7);
        Waits.until("all are claimed", () -> queue.admin().counts("slow").active() == 7);
        Waits.until("two run", () -> running.get() == 2);
        enqueue(queue, "quick", 5);
        events.await(QueueEvent.Succeeded.class, 5);

        mayEnd.release(7);
        events.await(QueueEvent.Succeeded.class, 12);
        assertThat(most).hasValue(2);
        assertThat(events.events(QueueEvent.Released.class)).isEmpty();
    }

    @Test
    void a_run_that_is_abandoned_leaves_its_place_to_the_next() throws Exception {
        TaskQueue queue = start(TaskQueue.builder()
                .listener(events)
                .worker(WorkerOptions.defaults()
                        .withInterruptTimeout(Duration.ofMillis(50))
                        .withDrainTimeout(Duration.ofMillis(50)))
                .handle("stuck", Integer.class, (number, context) -> {
                    if (number == 0) {
                        mayEnd.acquireUninterruptibly();
                    }
                })
                .task(
                        "stuck",
                        task -> task.concurrency(1)
                                .timeout(Duration.ofMillis(50))
                                .retry(RetryPolicy.defaults().withMaxAttempts(1))));
        queue.enqueue("stuck", 0);
        queue.enqueue(named("stuck", 1).timeout(PATIENCE));

        events.await(QueueEvent.Died.class, 1);
        events.await(QueueEvent.Succeeded.class, 1);
    }

    @Test
    void a_run_that_waits_for_its_task_is_cancelled_at_once_and_has_not_started() throws Exception {
        TaskQueue queue = start(builder().task("slow", task -> task.concurrency(1)));
        queue.enqueue("slow", 1);
        Waits.until("one runs", () -> running.get() == 1);
        JobHandle<Object> second = queue.enqueue("slow", 2);
        Waits.until("the other is claimed", () -> second.state().orElseThrow() == JobState.ACTIVE);

        assertThat(second.cancel()).isEqualTo(CancelReply.REQUESTED);
        events.await(QueueEvent.Cancelled.class, 1);

        assertThat(events.events(QueueEvent.Started.class))
                .extracting(JobEvent::jobId)
                .doesNotContain(second.id());
    }

    @Test
    void a_run_that_waits_for_its_task_goes_back_when_the_queue_is_closed() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        TaskQueue queue = start(builder().task("slow", task -> task.concurrency(1)));
        queue.enqueue("slow", 1);
        Waits.until("one runs", () -> running.get() == 1);
        JobHandle<Object> second = queue.enqueue("slow", 2);
        Waits.until("the other is claimed", () -> second.state().orElseThrow() == JobState.ACTIVE);

        Thread closing = new Thread(() -> {
            queue.close();
            closed.countDown();
        });
        closing.start();
        assertThat(events.await(QueueEvent.Released.class, 1).get(0).jobId()).isEqualTo(second.id());
        assertThat(closed.getCount()).as("the first still runs").isOne();
        mayEnd.release(1);
        closing.join(PATIENCE.toMillis());

        assertThat(closed.getCount()).isZero();
        assertThat(events.events(QueueEvent.Started.class)).hasSize(1);
    }

    @Test
    void limits_that_are_wrong_are_problems_at_the_start() {
        TaskQueueBuilder builder = builder()
                .concurrency("slow", 0)
                .concurrency("slowly", 5)
                .keep("slowly", Retention.DEFAULT)
                .deadRetention("slowly", Retention.DEFAULT)
                .task("slow", task -> task.concurrency(20_000));

        assertThatThrownBy(builder::start)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("5 problems")
                .hasMessageContaining("keep(\"slowly\", ...) is about a queue that is not served here")
                .hasMessageContaining("deadRetention(\"slowly\", ...) is about a queue that is not served here")
                .hasMessageContaining("concurrency of queue slow must be 1 to 10,000, got 0")
                .hasMessageContaining(
                        "concurrency(\"slowly\", ...) is about a queue that is not served here; served are [default,"
                                + " slow]")
                .hasMessageContaining("task \"slow\": concurrency must be 1 to 10,000, got 20000");
    }
}
