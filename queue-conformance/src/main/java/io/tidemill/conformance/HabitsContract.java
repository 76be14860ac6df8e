package io.tidemill.conformance;

import static io.tidemill.client.Call.call;
import static io.tidemill.client.TaskRef.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.TaskQueue;
import io.tidemill.TaskQueueBuilder;
import io.tidemill.broker.Broker;
import io.tidemill.client.Call;
import io.tidemill.client.JobHandle;
import io.tidemill.event.JobEvent;
import io.tidemill.event.JobRef;
import io.tidemill.event.QueueEvent;
import io.tidemill.queue.Limit;
import io.tidemill.task.JobState;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import io.tidemill.task.Unique;
import io.tidemill.task.WorkerOptions;
import io.tidemill.test.Recorder;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/**
 * What people who come from other task queues take for granted, as far as {@link TaskQueueContract} does not say it,
 * whatever the broker. Extend it and say where the broker comes from.
 *
 * <p>Workers poll once a minute here: whatever comes within a test was announced.
 */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
public abstract class HabitsContract {

    private static final Duration SOON = Duration.ofSeconds(20);

    private final List<TaskQueue> open = new ArrayList<>();
    private final Recorder events = new Recorder();
    private final Work work = new Work();

    /** A broker over the store of this test, as for {@link TaskQueueContract#broker}. */
    protected abstract Broker broker();

    @AfterEach
    void close() {
        work.gate.countDown();
        open.forEach(TaskQueue::close);
    }

    private TaskQueueBuilder builder() {
        return TaskQueue.builder().broker(broker()).listener(events);
    }

    private TaskQueue start(TaskQueueBuilder builder) {
        TaskQueue queue = builder.start();
        open.add(queue);
        return queue;
    }

    private TaskQueue producer() {
        return start(builder());
    }

    private TaskQueueBuilder worker(int concurrency) {
        return builder()
                .tasks(work)
                .worker(WorkerOptions.defaults()
                        .withConcurrency(concurrency)
                        .withPollInterval(Duration.ofMinutes(1))
                        .withDrainTimeout(Duration.ofMillis(200)));
    }

    /** Tasks that say what they were given. */
    public static class Work {
        final CountDownLatch gate = new CountDownLatch(1);
        final LinkedBlockingQueue<String> ran = new LinkedBlockingQueue<>();

        @Task
        public List<Object> echo(int number, boolean flag, String text, Double fraction, Map<String, Object> map) {
            return List.of(number, flag, text, fraction, map);
        }

        @Task
        public void note(String text) {
            ran.add(text);
        }

        @Task
        public void hold(String text) throws InterruptedException {
            ran.add(text);
            gate.await();
        }

        @Task(retry = @Retry(maxAttempts = 4, delay = "1ms", jitter = false))
        public int thirdTime() {
            int attempt = TaskContext.current().attempt();
            if (attempt < 3) {
                throw new IllegalStateException("not yet");
            }
            return attempt;
        }

        @Task
        public String tenant() {
            return TaskContext.current().headers().getOrDefault("tenant", "none");
        }

        List<String> take(int count) throws InterruptedException {
            List<String> taken = new ArrayList<>();
            while (taken.size() < count) {
                String next = ran.poll(SOON.toSeconds(), TimeUnit.SECONDS);
                assertThat(next).as("after %s", taken).isNotNull();
                taken.add(next);
            }
            return taken;
        }
    }

    @Test
    void zero_false_and_an_empty_text_come_back_as_they_went() throws Exception {
        TaskQueue queue = start(worker(1));

        assertThat(queue.enqueue(task(Work::echo).call(0, false, "", 0.0, Map.of("a", 0, "b", false, "c", "")))
                        .await(SOON))
                .containsExactly(0, false, "", new BigDecimal("0.0"), Map.of("a", 0, "b", false, "c", ""));
    }

    @Test
    void an_id_may_look_like_a_number_and_an_empty_one_is_refused() {
        TaskQueue queue = producer();

        assertThat(queue.enqueue(call(Work::note, "x").id("42")).id()).isEqualTo("42");
        assertThat(queue.enqueue(call(Work::note, "x").id("42")).isNew()).isFalse();
        assertThatThrownBy(() -> call(Work::note, "x").id("")).hasMessageContaining("must have 1 to 256 characters");
        assertThat(queue.admin().counts("default").accepted()).isOne();
    }

    @Test
    void the_size_of_a_job_is_counted_in_bytes_and_not_in_characters() {
        TaskQueue queue = start(builder().maxPayloadBytes(1_000));
        String ascii = "x".repeat(800);

        queue.enqueue(call(Work::note, ascii).id("small"));
        assertThatThrownBy(() -> queue.enqueue(
                        call(Work::note, ascii.replace("x", "\u00e9")).id("large")))
                .hasMessageContaining("the limit is 1,000 (maxPayloadBytes)");

        assertThat(queue.job("default", "large").state()).isEmpty();
        assertThat(queue.admin().counts("default").accepted()).isOne();
    }

    @Test
    void a_delay_of_nothing_is_no_delay_also_with_a_priority() {
        TaskQueue queue = producer();

        List<JobHandle<Void>> jobs = List.of(
                queue.enqueue(call(Work::note, "x").delay(Duration.ZERO)),
                queue.enqueue(call(Work::note, "x").delay(Duration.ZERO).priority(9)));

        assertThat(jobs).allSatisfy(job -> assertThat(job.state()).contains(JobState.READY));
    }

    @Test
    void jobs_stored_before_a_worker_started_are_run_by_it_in_their_order() throws Exception {
        TaskQueue producer = producer();
        List<String> names = IntStream.range(0, 20).mapToObj(i -> "job" + i).toList();
        names.forEach(name -> producer.enqueue(Work::note, name));

        start(worker(1));

        assertThat(work.take(20)).isEqualTo(names);
    }

    @Test
    void a_bulk_call_makes_an_idle_worker_busy_without_a_poll() throws Exception {
        start(worker(5));
        TaskQueue producer = producer();

        producer.enqueueAll(
                IntStream.range(0, 5).mapToObj(i -> call(Work::hold, "job" + i)).toList());

        assertThat(work.take(5)).containsExactlyInAnyOrder("job0", "job1", "job2", "job3", "job4");
    }

    @Test
    void a_slow_job_does_not_hold_up_the_others() throws Exception {
        TaskQueue queue = start(worker(2));
        JobHandle<Void> slow = queue.enqueue(Work::hold, "slow");
        work.take(1);

        List<JobHandle<Void>> quick = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            quick.add(queue.enqueue(Work::note, "quick" + i));
        }

        for (JobHandle<Void> each : quick) {
            each.await(SOON);
        }
        assertThat(slow.state()).contains(JobState.ACTIVE);
    }

    @Test
    void each_run_is_told_to_have_begun_also_when_its_job_came_with_a_completion() throws Exception {
        TaskQueue producer = producer();
        for (int i = 0; i < 30; i++) {
            producer.enqueue(Work::note, "job" + i);
        }

        start(worker(1));

        events.await(QueueEvent.Succeeded.class, 30);
        assertThat(events.events(QueueEvent.Started.class))
                .extracting(JobEvent::jobId)
                .doesNotHaveDuplicates()
                .hasSize(30);
    }

    @Test
    void a_failing_job_is_tried_again_without_a_poll_also_when_only_one_may_run() throws Exception {
        TaskQueue queue = start(worker(1).limit("default", Limit.concurrency(1)));

        assertThat(queue.enqueue(Work::thirdTime).await(SOON)).isEqualTo(3);
        assertThat(events.await(QueueEvent.Retrying.class, 2)).hasSize(2);
        assertThat(events.events(QueueEvent.Died.class)).isEmpty();
    }

    @Test
    void what_changes_while_a_job_runs_is_run_once_more_with_the_last_arguments() throws Exception {
        TaskQueue queue = start(worker(5));
        Unique latest = Unique.untilStarted("index").onConflict(Unique.Conflict.REPLACE);
        queue.enqueue(call(Work::hold, "running").unique(latest));
        work.take(1);
        queue.admin().pause("default");

        queue.enqueue(call(Work::note, "first change").unique(latest));
        queue.enqueue(call(Work::note, "second change").unique(latest));
        queue.enqueue(call(Work::note, "last change").unique(latest));
        work.gate.countDown();
        queue.admin().resume("default");

        assertThat(work.take(1)).containsExactly("last change");
        events.await(QueueEvent.Succeeded.class, 2);
        assertThat(work.ran).isEmpty();
        assertThat(events.await(QueueEvent.Cancelled.class, 2)).hasSize(2);
    }

    @Test
    void a_refused_duplicate_is_told_with_both_ids() throws Exception {
        TaskQueue queue = producer();
        JobHandle<Void> holder = queue.enqueue(call(Work::note, "1").unique("key"));

        queue.enqueue(call(Work::note, "2").id("second").unique("key"));

        assertThat(events.await(QueueEvent.Duplicate.class, 1))
                .containsExactly(new QueueEvent.Duplicate(JobRef.of("default", "second", "note"), holder.id()));
    }

    @Test
    void a_job_that_a_rate_holds_up_does_not_hold_up_a_close() throws Exception {
        TaskQueue queue = worker(2)
                .limit("default", Limit.rate(1, Duration.ofHours(1)))
                .worker(WorkerOptions.defaults()
                        .withConcurrency(2)
                        .withDrainTimeout(Duration.ofHours(1))
                        .withInterruptTimeout(Duration.ofHours(1)))
                .start();
        queue.enqueue(Work::note, "runs").await(SOON);
        queue.enqueue(Work::note, "waits");

        queue.close();

        assertThat(producer().admin().counts("default").ready()).isOne();
    }

    @Test
    void headers_reach_the_task() throws Exception {
        TaskQueue queue = start(worker(1));

        assertThat(queue.enqueue(call(Work::tenant).header("tenant", "7")).await(SOON))
                .isEqualTo("7");
        assertThat(queue.enqueue(Call.named("tenant")).await(SOON)).isEqualTo("none");
    }
}
