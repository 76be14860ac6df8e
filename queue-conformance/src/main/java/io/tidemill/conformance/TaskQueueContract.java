package io.tidemill.conformance;

import static io.tidemill.client.Call.call;
import static io.tidemill.client.TaskRef.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.TaskQueue;
import io.tidemill.TaskQueueBuilder;
import io.tidemill.admin.JobInfo;
import io.tidemill.broker.Broker;
import io.tidemill.client.AwaitTimeoutException;
import io.tidemill.client.BulkCounts;
import io.tidemill.client.BulkException;
import io.tidemill.client.Call;
import io.tidemill.client.DuplicateJobException;
import io.tidemill.client.JobCancelledException;
import io.tidemill.client.JobExpiredException;
import io.tidemill.client.JobFailedException;
import io.tidemill.client.JobHandle;
import io.tidemill.client.PreparedJob;
import io.tidemill.client.TaskClient;
import io.tidemill.client.UnknownJobException;
import io.tidemill.client.UnknownTaskException;
import io.tidemill.event.JobRef;
import io.tidemill.event.QueueEvent;
import io.tidemill.message.Failure;
import io.tidemill.queue.CancelReply;
import io.tidemill.queue.Limit;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.QueueCounts;
import io.tidemill.task.JobState;
import io.tidemill.task.PayloadException;
import io.tidemill.task.Retry;
import io.tidemill.task.RetryPolicy;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import io.tidemill.task.TaskSignal;
import io.tidemill.task.Unique;
import io.tidemill.task.WorkerOptions;
import io.tidemill.test.Recorder;
import io.tidemill.test.Waits;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * What a user of {@link TaskQueue} may rely on, whatever the broker. Extend it and say where the broker comes from.
 *
 * <p>Durations are real and short; nothing is asserted to be quick, only to come, or to come after something else.
 */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
public abstract class TaskQueueContract {

    private static final Duration SOON = Duration.ofSeconds(20);

    private final List<TaskQueue> open = new ArrayList<>();
    final Recorder events = new Recorder();

    /**
     * A broker over the store of this test: each call gives a new one over the same jobs. Closing it keeps the store.
     */
    protected abstract Broker broker();

    @AfterEach
    void close() {
        open.forEach(TaskQueue::close);
    }

    private TaskQueueBuilder builder(Object... tasks) {
        return TaskQueue.builder()
                .broker(broker())
                .tasks(tasks)
                .listener(events)
                .worker(WorkerOptions.defaults()
                        .withDrainTimeout(Duration.ofMillis(200))
                        .withInterruptTimeout(Duration.ofSeconds(5)));
    }

    private TaskQueue start(TaskQueueBuilder builder) {
        TaskQueue queue = builder.start();
        open.add(queue);
        return queue;
    }

    private TaskQueue queueWith(Object... tasks) {
        return start(builder(tasks));
    }

    /** A record as an argument and a result. */
    public record Line(String text, int number, Instant at) {}

    /** A task declared on an interface, as producers share it with workers. */
    public interface Greetings {
        @Task(name = "greet", queue = "greetings")
        String greet(String name);
    }

    /** Its implementation. */
    public static final class EnglishGreetings implements Greetings {
        @Override
        public String greet(String name) {
            return "Hello, " + name;
        }
    }

    /** Tasks of every shape. */
    public static class Shapes {
        @Task
        public String none() {
            return "none";
        }

        @Task
        public long add(int a, long b) {
            return a + b;
        }

        @Task
        public List<Line> lines(List<Line> lines, Map<String, Integer> numbers) {
            return lines.stream()
                    .map(line -> new Line(line.text(), numbers.getOrDefault(line.text(), -1), line.at()))
                    .toList();
        }

        @Task
        public String eight(String a, String b, String c, String d, String e, String f, String g, String h) {
            return a + b + c + d + e + f + g + h;
        }

        @Task
        public String describe(String value) {
            return "got " + value;
        }

        @Task
        public void silent(String value) {}
    }

    @Nested
    class A_call {

        @Test
        void brings_back_what_the_method_returned_with_its_generic_types() throws Exception {
            TaskQueue queue = queueWith(new Shapes());
            Instant now = Instant.parse("2026-11-20T10:15:30.123456Z");

            assertThat(queue.enqueue(Shapes::none).await(SOON)).isEqualTo("none");
            assertThat(queue.enqueue(Shapes::add, 40, 2L).await(SOON)).isEqualTo(42L);
            assertThat(queue.enqueue(Shapes::lines, List.of(new Line("a", 0, now)), Map.of("a", 7))
                            .await(SOON))
                    .containsExactly(new Line("a", 7, now));
            assertThat(queue.enqueue(task(Shapes::eight).call("1", "2", "3", "4", "5", "6", "7", "8"))
                            .await(SOON))
                    .isEqualTo("12345678");
        }

        @Test
        void of_a_void_task_ends_with_null() throws Exception {
            assertThat(queueWith(new Shapes()).enqueue(Shapes::silent, "x").await(SOON))
                    .isNull();
        }

        @Test
        @SuppressWarnings("NullAway") // what a caller without a null checker does
        void carries_a_null_argument() throws Exception {
            assertThat(queueWith(new Shapes())
                            .enqueue(Shapes::describe, (String) null)
                            .await(SOON))
                    .isEqualTo("got null");
        }

        @Test
        void may_name_the_method_of_an_interface() throws Exception {
            TaskQueue queue = queueWith(new EnglishGreetings());
            assertThat(queue.enqueue(Greetings::greet, "Ada").await(SOON)).isEqualTo("Hello, Ada");
            assertThat(queue.enqueue(EnglishGreetings::greet, "Bob").await(SOON))
                    .isEqualTo("Hello, Bob");
        }

        @Test
        void may_come_from_a_producer_without_tasks() throws Exception {
            queueWith(new EnglishGreetings());
            TaskQueue producer = queueWith();
            assertThat(producer.enqueue(Greetings::greet, "Ada").await(SOON)).isEqualTo("Hello, Ada");
            assertThat(producer.enqueue(Call.named("greet", "Bob").queue("greetings"))
                            .await(SOON))
                    .isEqualTo("Hello, Bob");
        }

        @Test
        void by_a_misspelt_name_is_refused_with_the_nearest_name() {
            TaskQueue queue = queueWith(new Shapes());
            assertThatThrownBy(() -> queue.enqueue("lnies"))
                    .isInstanceOf(UnknownTaskException.class)
                    .hasMessageContaining("no task named \"lnies\"")
                    .hasMessageContaining("did you mean \"lines\"?");
        }

        @Test
        void by_name_with_the_wrong_arguments_is_refused_and_nothing_is_stored() {
            TaskQueue queue = queueWith(new Shapes());
            assertThatThrownBy(() -> queue.enqueue("add", 1))
                    .isInstanceOf(PayloadException.class)
                    .hasMessage("task \"add\" was not enqueued: the task takes 2 arguments, the job has 1;"
                            + " it is declared as Shapes.add(int, long)");
            assertThatThrownBy(() -> queue.enqueue("add", 1, "two"))
                    .isInstanceOf(PayloadException.class)
                    .hasMessageContaining("argument 1 does not fit long");
            assertThat(queue.admin().counts("default").accepted()).isZero();
        }

        @Test
        void of_a_method_of_one_object_is_refused_and_nothing_is_stored() {
            Shapes shapes = new Shapes();
            TaskQueue queue = queueWith(shapes);
            assertThatThrownBy(() -> queue.enqueue(shapes::describe))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("write Shapes::describe instead of object::describe");
            assertThat(queue.admin().counts("default").accepted()).isZero();
        }

        @Test
        @SuppressWarnings("NullAway") // what a caller without a null checker does
        void with_null_for_a_primitive_is_refused_and_nothing_is_stored() {
            TaskQueue queue = queueWith(new Shapes());
            assertThatThrownBy(() -> queue.enqueue(Shapes::add, (Integer) null, 2L))
                    .isInstanceOf(PayloadException.class)
                    .hasMessageContaining("argument 0 is null but the task takes int");
            assertThat(queue.admin().counts("default").accepted()).isZero();
        }

        @Test
        void that_is_too_large_is_refused_and_nothing_is_stored() {
            TaskQueue queue = start(builder(new Shapes()).maxPayloadBytes(1000));
            assertThatThrownBy(() -> queue.enqueue(
                            task(Shapes::eight).call("a", "b", "x".repeat(2000), "d", "e", "f", "g", "h")))
                    .isInstanceOf(PayloadException.class)
                    .hasMessageContaining("task \"eight\" was not enqueued: its record is 2,0")
                    .hasMessageContaining("the limit is 1,000 (maxPayloadBytes)")
                    .hasMessageContaining("argument 2 with 2,004 bytes");
            assertThat(queue.admin().counts("default").accepted()).isZero();
        }

        @Test
        void with_a_known_id_changes_nothing() throws Exception {
            TaskQueue queue = queueWith(new Shapes());
            JobHandle<String> first = queue.enqueue(call(Shapes::describe, "1").id("job-1"));
            JobHandle<String> second = queue.enqueue(call(Shapes::describe, "2").id("job-1"));
            assertThat(second.await(SOON)).isEqualTo("got 1");
            assertThat(first.await(SOON)).isEqualTo("got 1");
            assertThat(queue.admin().counts("default").accepted()).isOne();
            events.await(QueueEvent.Duplicate.class, 1);
        }

        @Test
        void without_waiting_arrives_all_the_same() throws Exception {
            TaskQueue queue = queueWith(new Shapes());
            var handles = IntStream.range(0, 500)
                    .mapToObj(i -> queue.enqueueAsync(call(Shapes::describe, "" + i)))
                    .toList();
            for (int i = 0; i < handles.size(); i++) {
                assertThat(handles.get(i).get(20, TimeUnit.SECONDS).await(SOON)).isEqualTo("got " + i);
            }
        }
    }

    /** Tasks that go wrong. */
    public static class Wrongs {
        final AtomicInteger runs = new AtomicInteger();
        final List<Integer> attempts = new CopyOnWriteArrayList<>();

        private int count() {
            attempts.add(TaskContext.current().attempt());
            return runs.incrementAndGet();
        }

        @Task(retry = @Retry(maxAttempts = 4, delay = "1ms"))
        public int succeedsAt(int run) throws IOException {
            if (count() < run) {
                throw new IOException("not yet");
            }
            return run;
        }

        @Task(retry = @Retry(maxAttempts = 5, delay = "1ms", giveUpOn = FileNotFoundException.class))
        public void givesUp() throws IOException {
            count();
            throw new IOException("wrapped", new FileNotFoundException("no such file"));
        }

        @Task(retry = @Retry(maxAttempts = 2))
        public String saysWhen() {
            if (count() == 1) {
                throw new TaskSignal.RetryAfter(Duration.ofMillis(20), new IOException("429"));
            }
            return "then";
        }

        @Task
        public void givesUpAtOnce() {
            count();
            throw new TaskSignal.GiveUp(new IOException("the order is gone"));
        }

        @Task(retry = @Retry(maxAttempts = 1))
        public String snoozes() {
            if (count() < 3) {
                throw new TaskSignal.Snooze(Duration.ofMillis(10));
            }
            return "awake";
        }

        @Task(retry = @Retry(maxAttempts = 1))
        public void snoozesAndThrows() {
            if (count() == 1) {
                throw new TaskSignal.Snooze(Duration.ofMillis(10));
            }
            throw new IllegalStateException("awake and wrong");
        }

        @Task
        public void cancels() {
            count();
            throw new TaskSignal.Cancel("order was withdrawn");
        }

        @Task
        public Object returnsItself() {
            count();
            List<Object> list = new ArrayList<>();
            list.add(list);
            return list;
        }

        @Task(retry = @Retry(maxAttempts = 2, delay = "1ms"))
        public void overflows() {
            count();
            overflow(0);
        }

        @SuppressWarnings({"InfiniteRecursion", "PMD"})
        private int overflow(int depth) {
            return overflow(depth + 1) + 1;
        }
    }

    @Nested
    class A_failing_job {

        final Wrongs wrongs = new Wrongs();

        @Test
        void is_tried_again_until_it_succeeds() throws Exception {
            assertThat(queueWith(wrongs).enqueue(Wrongs::succeedsAt, 3).await(SOON))
                    .isEqualTo(3);
            assertThat(wrongs.attempts).containsExactly(1, 2, 3);
            assertThat(events.await(QueueEvent.Retrying.class, 2))
                    .extracting(QueueEvent.Retrying::error)
                    .containsExactly("IOException: not yet", "IOException: not yet");
        }

        @Test
        void is_dead_after_its_last_attempt_and_kept_with_its_reason() throws Exception {
            TaskQueue queue = queueWith(wrongs);
            JobHandle<Integer> job = queue.enqueue(Wrongs::succeedsAt, 99);
            assertThatThrownBy(() -> job.await(SOON))
                    .isInstanceOf(JobFailedException.class)
                    .hasMessage("job " + job.id() + " is dead after attempt 4: java.io.IOException: not yet");
            assertThat(wrongs.runs).hasValue(4);
            assertThat(job.state()).contains(JobState.DEAD);
            JobInfo dead = queue.admin().list("default", JobState.DEAD, 0, 10).get(0);
            assertThat(dead.id()).isEqualTo(job.id());
            assertThat(dead.task()).isEqualTo("succeedsAt");
            assertThat(dead.payload()).isEqualTo("[99]");
            assertThat(dead.failure())
                    .isNotNull()
                    .extracting(Failure::stack)
                    .asString()
                    .contains("succeedsAt");
        }

        @Test
        void may_ask_for_fewer_attempts() {
            JobHandle<Integer> job =
                    queueWith(wrongs).enqueue(call(Wrongs::succeedsAt, 99).maxAttempts(2));
            assertThatThrownBy(() -> job.await(SOON)).hasMessageContaining("after attempt 2");
        }

        @Test
        void may_ask_for_other_attempts_and_other_waits_between_them() throws Exception {
            RetryPolicy policy = RetryPolicy.defaults()
                    .withMaxAttempts(3)
                    .withDelay(Duration.ofMillis(30))
                    .withMultiplier(1.5)
                    .withJitter(false);

            JobHandle<Integer> job =
                    queueWith(wrongs).enqueue(call(Wrongs::succeedsAt, 99).retry(policy));

            assertThatThrownBy(() -> job.await(SOON)).hasMessageContaining("after attempt 3");
            assertThat(events.await(QueueEvent.Retrying.class, 2))
                    .extracting(QueueEvent.Retrying::delay)
                    .containsExactly(Duration.ofMillis(30), Duration.ofMillis(45));
        }

        @Test
        void is_given_up_for_the_failures_that_its_task_names_whatever_its_call_asks_for() {
            JobHandle<Void> job =
                    queueWith(wrongs).enqueue(call(Wrongs::givesUp).retry(RetryPolicy.defaults()));

            assertThatThrownBy(() -> job.await(SOON)).hasMessageContaining("after attempt 1");
            assertThatThrownBy(() -> call(Wrongs::givesUp)
                            .retry(RetryPolicy.defaults().withGiveUpOn(List.of(IOException.class))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("cannot name failures");
        }

        @Test
        void is_not_tried_again_for_a_cause_that_no_retry_mends() {
            JobHandle<Void> job = queueWith(wrongs).enqueue(Wrongs::givesUp);
            assertThatThrownBy(() -> job.await(SOON))
                    .hasMessageContaining("after attempt 1: java.io.IOException: wrapped");
        }

        @Test
        void may_say_when_to_try_again() throws Exception {
            assertThat(queueWith(wrongs).enqueue(Wrongs::saysWhen).await(SOON)).isEqualTo("then");
            assertThat(events.await(QueueEvent.Retrying.class, 1).get(0).delay())
                    .isEqualTo(Duration.ofMillis(20));
        }

        @Test
        void may_say_that_no_other_run_would_help() throws Exception {
            JobHandle<Void> job = queueWith(wrongs).enqueue(Wrongs::givesUpAtOnce);

            assertThatThrownBy(() -> job.await(SOON))
                    .hasMessageContaining("dead after attempt 1: java.io.IOException: the order is gone");
            assertThat(events.await(QueueEvent.Died.class, 1).get(0).reason())
                    .isEqualTo("IOException: the order is gone");
        }

        @Test
        void that_snoozes_spends_no_attempt() throws Exception {
            assertThat(queueWith(wrongs).enqueue(Wrongs::snoozes).await(SOON)).isEqualTo("awake");
            assertThat(wrongs.attempts).containsExactly(1, 2, 3);
            assertThat(events.events(QueueEvent.Retrying.class)).isEmpty();
            assertThat(events.await(QueueEvent.Released.class, 2)).hasSize(2);
        }

        @Test
        void that_snoozed_before_is_dead_after_the_same_attempt_wherever_it_is_told() throws Exception {
            JobHandle<Void> job = queueWith(wrongs).enqueue(Wrongs::snoozesAndThrows);

            assertThatThrownBy(() -> job.await(SOON)).hasMessageContaining("is dead after attempt 2: ");
            assertThat(wrongs.attempts).containsExactly(1, 2);
            assertThat(events.await(QueueEvent.Died.class, 1))
                    .extracting(QueueEvent.Died::attempt)
                    .containsExactly(2);
        }

        @Test
        void may_end_as_cancelled() {
            JobHandle<Void> job = queueWith(wrongs).enqueue(Wrongs::cancels);
            assertThatThrownBy(() -> job.await(SOON)).isInstanceOf(JobCancelledException.class);
            assertThat(job.state()).contains(JobState.CANCELLED);
        }

        @Test
        void whose_result_cannot_be_written_is_dead_and_not_run_again() {
            JobHandle<Object> job = queueWith(wrongs).enqueue(Wrongs::returnsItself);
            assertThatThrownBy(() -> job.await(SOON))
                    .isInstanceOf(JobFailedException.class)
                    .hasMessageContaining("ran to its end, but the result");
            assertThat(wrongs.runs).hasValue(1);
        }

        @Test
        void that_throws_an_error_hurts_only_itself() throws Exception {
            TaskQueue queue = queueWith(wrongs, new Shapes());
            JobHandle<Void> job = queue.enqueue(Wrongs::overflows);
            assertThatThrownBy(() -> job.await(SOON)).hasMessageContaining("StackOverflowError");
            assertThat(queue.enqueue(Shapes::none).await(SOON)).isEqualTo("none");
        }

        @Test
        void whose_arguments_cannot_be_read_is_dead_with_its_bytes_and_the_worker_goes_on() throws Exception {
            TaskQueue queue = queueWith(new Shapes());
            TaskQueue producer = queueWith();
            JobHandle<Object> job = producer.enqueue("add", "one", "two");
            assertThatThrownBy(() -> job.await(SOON))
                    .isInstanceOf(JobFailedException.class)
                    .hasMessageContaining("the arguments of task \"add\" cannot be read: argument 0 does not fit int")
                    .hasMessageContaining("declared as Shapes.add(int, long)");
            assertThat(queue.admin().find("default", job.id()).orElseThrow().payload())
                    .isEqualTo("[\"one\",\"two\"]");
            assertThat(queue.enqueue(Shapes::none).await(SOON)).isEqualTo("none");
        }
    }

    /** A task that tells in which order it was run, one at a time, behind a gate. */
    public static class Ordered {
        final CountDownLatch gate = new CountDownLatch(1);
        final LinkedBlockingQueue<String> ran = new LinkedBlockingQueue<>();

        @Task
        public void first() throws InterruptedException {
            gate.await();
        }

        @Task
        public void run(String name) {
            ran.add(name);
        }

        List<String> take(int count) throws InterruptedException {
            List<String> taken = new ArrayList<>();
            while (taken.size() < count) {
                String next = ran.poll(20, TimeUnit.SECONDS);
                assertThat(next).as("after %s", taken).isNotNull();
                taken.add(next);
            }
            return taken;
        }
    }

    @Nested
    class Order {

        final Ordered ordered = new Ordered();

        @Test
        void is_by_priority_then_first_in_first_out() throws Exception {
            TaskQueue queue = start(builder(ordered).concurrency(1));
            queue.enqueue(Ordered::first);
            events.await(QueueEvent.Started.class, 1);
            List<Integer> priorities = List.of(4, 0, 9, 4, 5, 9, 0, 3);
            for (int i = 0; i < priorities.size(); i++) {
                queue.enqueue(call(Ordered::run, priorities.get(i) + "-" + i).priority(priorities.get(i)));
            }
            ordered.gate.countDown();
            assertThat(ordered.take(8)).containsExactly("9-2", "9-5", "5-4", "4-0", "4-3", "3-7", "0-1", "0-6");
        }

        @Test
        void of_equal_due_times_is_that_of_creation() throws Exception {
            TaskQueue queue = start(builder(ordered).concurrency(1));
            Instant due = Instant.now().plusMillis(300);
            List<String> names = IntStream.range(0, 20).mapToObj(i -> "job" + i).toList();
            names.forEach(name -> queue.enqueue(call(Ordered::run, name).at(due)));
            assertThat(ordered.take(20)).isEqualTo(names);
        }

        @Test
        void a_delayed_job_does_not_run_early() throws Exception {
            TaskQueue queue = queueWith(ordered);
            long before = System.nanoTime();
            queue.enqueue(call(Ordered::run, "later").delay(Duration.ofMillis(250)));
            queue.enqueue(call(Ordered::run, "past").at(Instant.EPOCH));
            assertThat(ordered.take(2)).containsExactly("past", "later");
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(Duration.ofMillis(249));
        }
    }

    /** Tasks that take their time. */
    public static class Slow {
        final CountDownLatch release = new CountDownLatch(1);
        final AtomicInteger running = new AtomicInteger();
        final AtomicInteger most = new AtomicInteger();
        final AtomicInteger interrupts = new AtomicInteger();
        final Set<String> contexts = ConcurrentHashMap.newKeySet();

        @Task(queue = "slow", retry = @Retry(maxAttempts = 3, delay = "1ms"))
        public String waits() throws InterruptedException {
            TaskContext context = TaskContext.current();
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            try {
                release.await();
                return "done";
            } catch (InterruptedException e) {
                interrupts.incrementAndGet();
                contexts.add("cancelled=" + context.isCancelled() + " lease=" + context.isLeaseValid());
                throw e;
            } finally {
                running.decrementAndGet();
            }
        }

        @Task(queue = "slow", timeout = "50ms", retry = @Retry(maxAttempts = 2, delay = "1ms"))
        public void tooLong() throws InterruptedException {
            waits();
        }

        @Task(queue = "slow", timeout = "50ms", retry = @Retry(maxAttempts = 1))
        public void deaf() {
            while (release.getCount() > 0) {
                Thread.onSpinWait();
            }
        }
    }

    /** A task that enqueues another. */
    public static class Chained {
        private final TaskClient client;
        private final Slow gate;

        Chained(TaskClient client, Slow gate) {
            this.client = client;
            this.gate = gate;
        }

        @Task(queue = "chained", retry = @Retry(maxAttempts = 1))
        public void enqueuesMore() throws InterruptedException {
            gate.release.await();
            client.enqueue(Ordered::run, "more");
        }
    }

    @Nested
    class A_running_job {

        final Slow slow = new Slow();

        @AfterEach
        void letGo() {
            slow.release.countDown();
        }

        @Test
        void that_takes_too_long_is_interrupted_and_tried_again() {
            JobHandle<Void> job = queueWith(slow).enqueue(Slow::tooLong);
            assertThatThrownBy(() -> job.await(SOON))
                    .isInstanceOf(JobFailedException.class)
                    .hasMessageContaining("after attempt 2")
                    .hasMessageContaining("ran longer than its timeout of 50 ms");
            assertThat(slow.interrupts).hasValue(2);
        }

        @Test
        void that_ignores_its_timeout_is_abandoned_and_its_slot_is_free_again() throws Exception {
            TaskQueue queue = start(builder(slow, new Shapes())
                    .worker(WorkerOptions.defaults()
                            .withConcurrency(1)
                            .withInterruptTimeout(Duration.ofMillis(50))
                            .withDrainTimeout(Duration.ofMillis(50))));
            JobHandle<Void> job = queue.enqueue(Slow::deaf);
            assertThatThrownBy(() -> job.await(SOON)).hasMessageContaining("ran longer than its timeout");
            assertThat(queue.enqueue(Shapes::none).await(SOON)).isEqualTo("none");
        }

        @Test
        void can_be_cancelled_from_another_process() throws Exception {
            queueWith(slow);
            TaskQueue other = queueWith();
            JobHandle<String> job = other.enqueue(Slow::waits);
            events.await(QueueEvent.Started.class, 1);
            assertThat(job.state()).contains(JobState.ACTIVE);
            assertThat(other.job("slow", job.id()).cancel()).isEqualTo(CancelReply.REQUESTED);
            assertThatThrownBy(() -> job.await(SOON)).isInstanceOf(JobCancelledException.class);
            assertThat(slow.contexts).containsExactly("cancelled=true lease=true");
        }

        @Test
        void never_runs_beside_more_than_the_concurrency_allows() throws Exception {
            TaskQueue queue = start(builder(slow).concurrency(3));
            List<JobHandle<String>> jobs = IntStream.range(0, 20)
                    .mapToObj(i -> queue.enqueue(Slow::waits))
                    .toList();
            // The event comes just before the method begins, so it does not say that three are in there.
            Waits.until("three jobs run", () -> slow.most.get() >= 3);
            slow.release.countDown();
            for (JobHandle<String> job : jobs) {
                assertThat(job.await(SOON)).isEqualTo("done");
            }
            assertThat(slow.most).hasValue(3);
        }

        @Test
        void ends_by_itself_when_the_queue_is_closed_in_time() throws Exception {
            TaskQueue queue = start(builder(slow).drainTimeout(Duration.ofSeconds(20)));
            JobHandle<String> job = queue.enqueue(Slow::waits);
            events.await(QueueEvent.Started.class, 1);
            Thread closing = new Thread(queue::close);
            closing.start();
            slow.release.countDown();
            closing.join(20_000);
            assertThat(closing.isAlive()).isFalse();
            assertThat(queueWith().job("slow", job.id()).await(SOON)).isEqualTo("done");
            assertThat(slow.interrupts).hasValue(0);
        }

        @Test
        void may_enqueue_more_while_the_queue_is_being_closed() throws Exception {
            Ordered ordered = new Ordered();
            Slow gate = slow;
            TaskQueue queue = start(TaskQueue.builder()
                    .broker(broker())
                    .tasks(client -> new Chained(client, gate))
                    .listener(events));
            queue.enqueue(Chained::enqueuesMore);
            events.await(QueueEvent.Started.class, 1);
            Thread closing = new Thread(queue::close);
            closing.start();
            gate.release.countDown();
            closing.join(20_000);
            assertThat(events.await(QueueEvent.Succeeded.class, 1)).hasSize(1);
            assertThat(queueWith(ordered).admin().counts("default").accepted()).isOne();
        }

        @Test
        void is_interrupted_by_a_slow_close_and_spends_no_attempt() throws Exception {
            TaskQueue queue = queueWith(slow);
            JobHandle<String> job = queue.enqueue(Slow::waits);
            events.await(QueueEvent.Started.class, 1);
            queue.close();
            assertThat(slow.interrupts).hasValue(1);
            events.await(QueueEvent.Released.class, 1);

            slow.release.countDown();
            TaskQueue next = queueWith(slow);
            assertThat(next.job("slow", job.id()).await(SOON)).isEqualTo("done");
            assertThat(events.events(QueueEvent.Retrying.class)).isEmpty();
            assertThat(events.await(QueueEvent.Succeeded.class, 1).get(0).attempt())
                    .isEqualTo(2);
        }

        @Test
        void is_interrupted_at_once_by_a_second_close() throws Exception {
            TaskQueue queue = start(builder(slow).drainTimeout(Duration.ofHours(1)));
            queue.enqueue(Slow::waits);
            events.await(QueueEvent.Started.class, 1);
            Thread first = new Thread(queue::close);
            first.start();
            // Whichever of the two comes first, it waits an hour unless the other one hurries it.
            queue.close();
            first.join(20_000);
            assertThat(first.isAlive()).isFalse();
            assertThat(slow.interrupts.get()).isPositive();
        }
    }

    @Nested
    class A_waiting_job {

        final Slow slow = new Slow();

        @Test
        void can_be_cancelled_and_does_not_run() throws Exception {
            TaskQueue queue = start(builder(slow).concurrency(1));
            JobHandle<String> running = queue.enqueue(Slow::waits);
            events.await(QueueEvent.Started.class, 1);
            JobHandle<String> ready = queue.enqueue(Slow::waits);
            JobHandle<String> delayed = queue.enqueue(call(Slow::waits).delay(Duration.ofHours(1)));
            assertThat(ready.state()).contains(JobState.READY);
            assertThat(delayed.state()).contains(JobState.SCHEDULED);
            assertThat(ready.cancel()).isEqualTo(CancelReply.CANCELLED);
            assertThat(delayed.cancel()).isEqualTo(CancelReply.CANCELLED);
            assertThat(ready.cancel()).isEqualTo(CancelReply.NOT_FOUND);
            slow.release.countDown();
            assertThat(running.await(SOON)).isEqualTo("done");
            assertThatThrownBy(() -> ready.await(SOON)).isInstanceOf(JobCancelledException.class);
            assertThatThrownBy(() -> delayed.await(SOON)).isInstanceOf(JobCancelledException.class);
            QueueCounts counts = queue.admin().counts("slow");
            assertThat(counts.cancelled()).isEqualTo(2);
            assertThat(counts.ready() + counts.scheduled()).isZero();
            assertThat(events.events(QueueEvent.Started.class)).hasSize(1);
        }

        @Test
        void whose_task_is_unknown_here_is_left_for_others_and_spends_no_attempt() throws Exception {
            WorkerOptions patient = WorkerOptions.defaults()
                    .withQueues(Set.of("greetings"))
                    .withUnknownTaskDelay(Duration.ofMillis(5))
                    .withMaxUnknownReleases(10_000);
            start(builder(new Shapes()).worker(patient));
            JobHandle<String> job = queueWith().enqueue(Greetings::greet, "Ada");
            QueueEvent.Released released =
                    events.await(QueueEvent.Released.class, 2).get(0);
            assertThat(released.reason()).isEqualTo("task \"greet\" is not registered at this worker");
            queueWith(new EnglishGreetings());
            assertThat(job.await(SOON)).isEqualTo("Hello, Ada");
            assertThat(events.events(QueueEvent.Retrying.class)).isEmpty();
        }

        @Test
        void whose_task_nobody_knows_is_dead_in_the_end() {
            WorkerOptions impatient = WorkerOptions.defaults()
                    .withQueues(Set.of("greetings"))
                    .withUnknownTaskDelay(Duration.ofMillis(1))
                    .withMaxUnknownReleases(3);
            start(builder(new Shapes()).worker(impatient));
            JobHandle<String> job = queueWith().enqueue(Greetings::greet, "Ada");
            assertThatThrownBy(() -> job.await(SOON))
                    .isInstanceOf(JobFailedException.class)
                    .hasMessageContaining("task \"greet\" is not registered at this worker")
                    .hasMessageContaining("left the job for others 3 times (maxUnknownReleases)");
        }
    }

    @Nested
    class A_handle {

        @Test
        void of_a_job_that_never_was_says_so() {
            TaskQueue queue = queueWith();
            JobHandle<Object> job = queue.job("default", "no-such-job");
            assertThat(job.state()).isEmpty();
            assertThatThrownBy(() -> job.await(SOON))
                    .isInstanceOf(UnknownJobException.class)
                    .hasMessageContaining("no-such-job is not known in queue default");
            assertThat(job.cancel()).isEqualTo(CancelReply.NOT_FOUND);
        }

        @Test
        void says_where_the_job_is_when_it_waited_in_vain() {
            JobHandle<String> job = queueWith().enqueue(call(Shapes::none).delay(Duration.ofHours(1)));
            assertThatThrownBy(() -> job.await(Duration.ofMillis(1)))
                    .isInstanceOf(AwaitTimeoutException.class)
                    .hasMessageContaining("had not ended after 1 ms: it is scheduled");
        }

        @Test
        void keeps_the_result_for_others_to_read() throws Exception {
            TaskQueue queue = queueWith(new Shapes());
            JobHandle<Long> job = queue.enqueue(Shapes::add, 1, 2L);
            job.await(SOON);
            assertThat(job.result()).contains(3L);
            assertThat(job.state()).contains(JobState.SUCCEEDED);
            assertThat(queueWith().job("default", job.id()).await(SOON)).isEqualTo(3);
        }
    }

    /** Counts runs by job. */
    public static class Counting {
        final Map<Integer, AtomicInteger> runs = new ConcurrentHashMap<>();

        @Task(queue = "a")
        public void a(int number) {
            runs.computeIfAbsent(number, n -> new AtomicInteger()).incrementAndGet();
        }

        @Task(queue = "b")
        public void b(int number) {
            a(-number);
        }
    }

    @Nested
    class Many_jobs {

        @Test
        void each_run_once_over_two_queues_and_two_workers() throws Exception {
            Counting counting = new Counting();
            TaskQueue one = queueWith(counting);
            TaskQueue two = start(builder(counting).concurrency(50));
            int count = 3000;
            for (int i = 1; i <= count; i++) {
                one.enqueueAsync(call(Counting::a, i));
                two.enqueueAsync(call(Counting::b, i));
            }
            events.await(QueueEvent.Succeeded.class, 2 * count);
            assertThat(counting.runs).hasSize(2 * count);
            assertThat(counting.runs.values()).allMatch(runs -> runs.get() == 1);
            QueueCounts counts = one.admin().counts("a");
            assertThat(counts.succeeded()).isEqualTo(count);
            assertThat(counts.ready() + counts.active() + counts.scheduled() + counts.dead())
                    .isZero();
        }
    }

    @Nested
    class Calls_in_bulk {

        final Counting counting = new Counting();

        @Test
        void are_stored_in_their_order_with_all_that_one_call_may_ask_for() throws Exception {
            TaskQueue producer = queueWith();
            List<Call<Void>> calls = new ArrayList<>();
            for (int i = 1; i <= 2500; i++) {
                calls.add(call(Counting::a, i).priority(i % 2 == 0 ? 4 : 5));
            }
            calls.set(1, call(Counting::a, 2).delay(Duration.ofMillis(20)));
            calls.set(2, call(Counting::b, 3).expiresIn(Duration.ofHours(1)));

            List<JobHandle<Void>> handles = producer.enqueueAll(calls);

            assertThat(handles).hasSize(2500).allMatch(JobHandle::isNew);
            assertThat(handles.get(2).queue()).isEqualTo("b");
            List<String> ready = new ArrayList<>();
            for (int offset = 0; offset < 2500; offset += 1000) {
                producer.admin().list("a", JobState.READY, offset, 1000).forEach(job -> ready.add(job.id()));
            }
            assertThat(ready)
                    .startsWith(
                            handles.get(0).id(),
                            handles.get(4).id(),
                            handles.get(6).id());
            queueWith(counting);
            for (JobHandle<?> handle : handles) {
                handle.await(SOON);
            }
            assertThat(counting.runs).hasSize(2500);
        }

        @Test
        void tell_which_were_there_already() {
            TaskQueue producer = queueWith();
            JobHandle<Void> there = producer.enqueue(call(Counting::a, 1).unique("one"));

            List<JobHandle<Void>> handles = producer.enqueueAll(List.of(
                    call(Counting::a, 1).unique("one"),
                    call(Counting::a, 2).unique("two"),
                    call(Counting::a, 3).unique(Unique.untilDone("two").onConflict(Unique.Conflict.REFUSE)),
                    call(Counting::a, 4).id("four"),
                    call(Counting::a, 5).id("four")));

            assertThat(handles).extracting(JobHandle::isNew).containsExactly(false, true, false, true, false);
            assertThat(handles.get(0).id()).isEqualTo(there.id());
            assertThat(handles.get(2).id()).isEqualTo(handles.get(1).id());
            assertThat(producer.admin().counts("a").accepted()).isEqualTo(3);
        }

        @Test
        void with_a_wrong_one_say_which_and_store_nothing_of_its_slice() {
            TaskQueue producer = start(builder().maxPayloadBytes(1000));
            Stream<Call<String>> calls =
                    IntStream.range(0, 5000).mapToObj(i -> call(Shapes::describe, i == 2417 ? "x".repeat(2000) : "x"));
            AtomicInteger handled = new AtomicInteger();

            assertThatThrownBy(() -> producer.enqueueAll(calls, handle -> handled.incrementAndGet()))
                    .isInstanceOfSatisfying(BulkException.class, e -> {
                        assertThat(e.index()).isEqualTo(2417);
                        assertThat(e.done()).isEqualTo(2000);
                    })
                    .hasMessageContaining("call 2417: task \"describe\" was not enqueued: its record is 2,0")
                    .hasMessageEndingWith("; calls 0 to 1999 are done, none after");

            assertThat(handled).hasValue(2000);
            assertThat(producer.admin().counts("default").accepted()).isEqualTo(2000);
        }

        @Test
        void from_a_stream_are_drawn_as_they_are_needed() {
            TaskQueue producer = queueWith();
            AtomicInteger drawn = new AtomicInteger();
            AtomicInteger handled = new AtomicInteger();
            AtomicInteger mostHeld = new AtomicInteger();
            Stream<Call<Void>> calls = IntStream.iterate(1, i -> i + 1)
                    .limit(20_000)
                    .mapToObj(i -> {
                        drawn.incrementAndGet();
                        return call(Counting::a, i).unique("key-" + i % 15_000);
                    });

            BulkCounts counts = producer.enqueueAll(calls, handle -> {
                mostHeld.accumulateAndGet(drawn.get() - handled.get(), Math::max);
                handled.incrementAndGet();
            });

            assertThat(counts).isEqualTo(new BulkCounts(15_000, 5_000));
            assertThat(handled).hasValue(20_000);
            assertThat(mostHeld.get()).isLessThanOrEqualTo(2001);
            assertThat(producer.enqueueAll(Stream.empty())).isEqualTo(new BulkCounts(0, 0));
        }
    }

    @Nested
    class A_prepared_job {

        @Test
        void is_stored_by_a_process_without_the_task_and_runs() throws Exception {
            byte[] bytes = queueWith().prepare(call(Shapes::add, 1, 2L)).toBytes();
            TaskQueue worker = queueWith(new Shapes());

            JobHandle<Object> job = queueWith().enqueue(PreparedJob.fromBytes(bytes));

            assertThat(job.await(SOON)).isEqualTo(3);
            assertThat(worker.job(task(Shapes::add), job.id()).await(SOON)).isEqualTo(3L);
        }

        @Test
        void stores_nothing_before_it_is_enqueued_and_one_job_however_often_it_is() {
            TaskQueue queue = queueWith();
            PreparedJob prepared = queue.prepare(call(Counting::a, 1).priority(7));
            assertThat(queue.admin().counts("a").accepted()).isZero();

            JobHandle<Object> first = queue.enqueue(prepared);
            JobHandle<Object> second = queue.enqueue(PreparedJob.fromBytes(prepared.toBytes()));

            assertThat(List.of(first.isNew(), second.isNew())).containsExactly(true, false);
            assertThat(List.of(first.id(), second.id())).containsOnly(prepared.id());
            assertThat(queue.admin().counts("a").accepted()).isEqualTo(1);
        }

        @Test
        void goes_in_bulk_beside_calls() {
            TaskQueue queue = queueWith();
            PreparedJob prepared = queue.prepare(call(Counting::a, 1));

            List<JobHandle<Object>> handles = queue.enqueueAll(
                    List.of(prepared, call(Counting::b, 2), PreparedJob.fromBytes(prepared.toBytes())));

            assertThat(handles).extracting(JobHandle::isNew).containsExactly(true, true, false);
            assertThat(queue.enqueueAll(Stream.of(prepared))).isEqualTo(new BulkCounts(0, 1));
        }

        @Test
        void counts_its_delay_and_its_expiry_from_when_it_was_prepared() {
            TaskQueue queue = queueWith();
            PreparedJob due = queue.prepare(call(Counting::a, 1).delay(Duration.ofHours(1)));
            PreparedJob early = queue.prepare(call(Counting::a, 2).delay(Duration.ofHours(3)));
            PreparedJob late = queue.prepare(call(Counting::a, 3).expiresIn(Duration.ofHours(1)));

            JobHandle<Object> ready = queue.enqueue(twoHoursAgo(due));
            JobHandle<Object> waits = queue.enqueue(twoHoursAgo(early));
            JobHandle<Object> expired = queue.enqueue(twoHoursAgo(late));

            assertThat(ready.state()).contains(JobState.READY);
            assertThat(waits.state()).contains(JobState.SCHEDULED);
            assertThat(queue.admin().find("a", waits.id()).orElseThrow().times().due())
                    .isBetween(
                            Instant.now().plus(Duration.ofMinutes(50)),
                            Instant.now().plus(Duration.ofMinutes(61)));
            queueWith(new Counting());
            assertThatThrownBy(() -> expired.await(SOON)).isInstanceOf(JobExpiredException.class);
        }

        private PreparedJob twoHoursAgo(PreparedJob job) {
            long then = job.preparedAtMillis() - Duration.ofHours(2).toMillis();
            return new PreparedJob(job.queue(), job.task(), job.job(), then, job.resultType());
        }

        @Test
        void is_refused_where_its_call_would_be() {
            TaskQueue queue = start(builder(new Shapes()).maxPayloadBytes(1000));

            assertThatThrownBy(() -> queue.prepare(call(Shapes::describe, "x".repeat(2000))))
                    .isInstanceOf(PayloadException.class)
                    .hasMessageContaining("task \"describe\" was not enqueued: its record is 2,0");
            assertThatThrownBy(() -> queue.prepare(Call.named("descrbe", "x")))
                    .isInstanceOf(UnknownTaskException.class)
                    .hasMessageContaining("did you mean \"describe\"?");
            PreparedJob large = queueWith().prepare(call(Shapes::describe, "x".repeat(2000)));
            assertThatThrownBy(() -> queue.enqueue(large))
                    .isInstanceOf(PayloadException.class)
                    .hasMessageContaining("the limit is 1,000");
        }
    }

    @Nested
    class A_unique_call {

        @Test
        void from_fifty_threads_makes_one_job_and_everyone_gets_its_handle() throws Exception {
            TaskQueue producer = queueWith();
            List<JobHandle<String>> handles = BrokerHarness.together(
                    50, () -> producer.enqueue(call(Shapes::describe, "x").unique("key")));

            assertThat(handles)
                    .extracting(JobHandle::id)
                    .containsOnly(handles.get(0).id());
            assertThat(handles.stream().filter(JobHandle::isNew)).hasSize(1);
            queueWith(new Shapes());
            assertThat(handles.get(49).await(SOON)).isEqualTo("got x");
            assertThat(producer.admin().counts("default").accepted()).isOne();
        }

        @Test
        void may_ask_to_be_refused_and_hears_who_holds_the_key() {
            TaskQueue producer = queueWith();
            Unique refuse = Unique.untilDone("key").onConflict(Unique.Conflict.REFUSE);
            JobHandle<String> first =
                    producer.enqueue(call(Shapes::describe, "1").unique(refuse));

            assertThatThrownBy(
                            () -> producer.enqueue(call(Shapes::describe, "2").unique(refuse)))
                    .isInstanceOfSatisfying(
                            DuplicateJobException.class,
                            e -> assertThat(e.holder()).isEqualTo(first.id()))
                    .hasMessage("task \"describe\" was not enqueued: job " + first.id()
                            + " in queue default holds unique key key");
            assertThat(producer.enqueue(
                                    call(Shapes::describe, "1").unique(refuse).id(first.id()))
                            .id())
                    .isEqualTo(first.id());
        }

        @Test
        void is_free_again_after_every_end() throws Exception {
            Wrongs wrongs = new Wrongs();
            TaskQueue queue = queueWith(wrongs, new Shapes());
            assertThat(queue.enqueue(call(Wrongs::succeedsAt, 3).unique("key")).await(SOON))
                    .isEqualTo(3);
            JobHandle<Void> dead = queue.enqueue(call(Wrongs::givesUp).unique("key"));
            assertThatThrownBy(() -> dead.await(SOON)).isInstanceOf(JobFailedException.class);
            JobHandle<Void> cancelled = queue.enqueue(call(Wrongs::cancels).unique("key"));
            assertThatThrownBy(() -> cancelled.await(SOON)).isInstanceOf(JobCancelledException.class);

            JobHandle<String> last = queue.enqueue(call(Shapes::describe, "x").unique("key"));

            assertThat(last.isNew()).isTrue();
            assertThat(last.await(SOON)).isEqualTo("got x");
        }

        @Test
        void in_a_window_runs_once_and_later_ones_get_its_result() throws Exception {
            TaskQueue queue = queueWith(new Shapes());
            queue.enqueue(call(Shapes::describe, "1").unique("key", Duration.ofHours(1)))
                    .await(SOON);

            JobHandle<String> second = queue.enqueue(call(Shapes::describe, "2").unique("key", Duration.ofHours(1)));

            assertThat(second.isNew()).isFalse();
            assertThat(second.await(SOON)).isEqualTo("got 1");
        }

        @Test
        void that_replaces_another_cancels_it_and_says_so() throws Exception {
            TaskQueue producer = queueWith();
            Unique last = Unique.untilStarted("key").onConflict(Unique.Conflict.REPLACE);
            JobHandle<String> first =
                    producer.enqueue(call(Shapes::describe, "1").unique(last));
            JobHandle<String> second =
                    producer.enqueue(call(Shapes::describe, "2").unique(last));

            assertThatThrownBy(() -> first.await(SOON)).isInstanceOf(JobCancelledException.class);
            assertThat(events.await(QueueEvent.Cancelled.class, 1))
                    .containsExactly(new QueueEvent.Cancelled(
                            JobRef.of("default", first.id(), "?"), null, "replaced by job " + second.id()));
            queueWith(new Shapes());
            assertThat(second.await(SOON)).isEqualTo("got 2");
        }

        @Test
        void may_have_any_text_as_key_and_id() throws Exception {
            TaskQueue producer = queueWith();
            JobHandle<String> first = producer.enqueue(
                    call(Shapes::describe, "1").id("Größe 42, bitte!").unique("nudge:ada@example.com"));
            JobHandle<String> second =
                    producer.enqueue(call(Shapes::describe, "2").unique("nudge:ada@example.com"));

            assertThat(second.id()).isEqualTo(first.id()).isEqualTo("Größe 42, bitte!");
            queueWith(new Shapes());
            assertThat(second.await(SOON)).isEqualTo("got 1");
        }

        @Test
        void with_a_key_that_is_not_printable_is_refused() {
            assertThatThrownBy(() -> call(Shapes::none).unique("two\nlines"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("unique key may hold only printable characters");
            assertThatThrownBy(() -> call(Shapes::none).unique("key", Duration.ZERO))
                    .hasMessageContaining("window of unique key key must be between 1 ms and 10 years");
        }
    }

    @Nested
    class A_call_that_expires {

        @Test
        void does_not_run_once_its_time_is_over() throws Exception {
            Counting counting = new Counting();
            TaskQueue producer = queueWith();
            JobHandle<Void> late = producer.enqueue(call(Counting::a, 1).expiresIn(Duration.ofMillis(1)));
            JobHandle<Void> delayed = producer.enqueue(
                    call(Counting::a, 2).at(Instant.now().plusSeconds(3600)).expiresIn(Duration.ofMillis(1)));
            JobHandle<Void> intime = producer.enqueue(call(Counting::a, 3).expiresIn(Duration.ofHours(1)));
            Instant before = Instant.now();
            Waits.until("its time is over", () -> Instant.now().isAfter(before.plusMillis(20)));

            queueWith(counting);

            assertThatThrownBy(() -> late.await(SOON))
                    .isInstanceOf(JobExpiredException.class)
                    .hasMessageContaining("had not started within its expiresIn");
            assertThatThrownBy(() -> delayed.await(SOON)).isInstanceOf(JobExpiredException.class);
            intime.await(SOON);
            assertThat(counting.runs).containsOnlyKeys(3);
            assertThat(events.await(QueueEvent.Expired.class, 2))
                    .as("named by the claim or the sweep that ended them")
                    .containsExactlyInAnyOrder(
                            new QueueEvent.Expired(JobRef.of("a", late.id(), "a")),
                            new QueueEvent.Expired(JobRef.of("a", delayed.id(), "a")));
            assertThat(late.state()).contains(JobState.EXPIRED);
            assertThat(producer.admin().counts("a").expired()).isEqualTo(2);
        }

        @Test
        void before_it_is_due_or_at_no_time_is_refused() {
            assertThatThrownBy(
                            () -> call(Shapes::none).delay(Duration.ofHours(2)).expiresIn(Duration.ofHours(1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("a job that expires before it is due never runs")
                    .hasMessageContaining("expiresIn 1 h and delay 2 h");
            assertThatThrownBy(() -> call(Shapes::none).expiresIn(Duration.ZERO))
                    .hasMessageContaining("expiresIn must be between 1 ms and 10 years");
            assertThatThrownBy(() -> call(Shapes::none).expiresIn(Duration.ofDays(3651)))
                    .hasMessageContaining("expiresIn must be between 1 ms and 10 years");
        }
    }

    @Nested
    class Starting_and_closing {

        @Test
        void a_hundred_times_leaves_no_thread() throws Exception {
            Supplier<Set<String>> threads = () -> Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.isAlive() && isOurs(thread.getName()))
                    .map(Thread::getName)
                    .collect(Collectors.toSet());
            Set<String> before = threads.get();
            for (int i = 0; i < 100; i++) {
                try (TaskQueue queue = builder(new Shapes()).start()) {
                    if (i % 10 == 0) {
                        assertThat(queue.enqueue(Shapes::none).await(SOON)).isEqualTo("none");
                    }
                }
            }
            Waits.until("the threads of closed queues are gone", () -> before.containsAll(threads.get()));
        }

        private boolean isOurs(String name) {
            return name.startsWith("tidemill") || name.startsWith("lettuce");
        }

        @Test
        void a_listener_that_throws_disturbs_nobody() throws Exception {
            TaskQueue queue = start(builder(new Shapes()).listener(event -> {
                throw new IllegalStateException("listener");
            }));
            assertThat(queue.enqueue(Shapes::none).await(SOON)).isEqualTo("none");
        }
    }

    /** Tasks that know how many of them run. */
    public static class Crowd {
        final AtomicInteger running = new AtomicInteger();
        final AtomicInteger most = new AtomicInteger();
        final Map<String, AtomicInteger> runningOf = new ConcurrentHashMap<>();
        final Map<String, List<Integer>> ran = new ConcurrentHashMap<>();
        final AtomicInteger ended = new AtomicInteger();

        @Task(queue = "crowd", group = "customer:{0}")
        public void serve(String customer, int number) {
            AtomicInteger own = runningOf.computeIfAbsent(customer, each -> new AtomicInteger());
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            int together = own.incrementAndGet();
            ran.computeIfAbsent(customer, each -> new CopyOnWriteArrayList<>()).add(together == 1 ? number : -number);
            // Long enough for another one to come by if it may.
            LockSupport.parkNanos(200_000);
            own.decrementAndGet();
            running.decrementAndGet();
            ended.incrementAndGet();
        }
    }

    @Nested
    class A_limited_queue {

        private final Crowd crowd = new Crowd();

        private TaskQueueBuilder worker() {
            return builder(crowd)
                    .worker(WorkerOptions.defaults()
                            .withConcurrency(8)
                            .withPollInterval(Duration.ofMillis(200))
                            .withDrainTimeout(Duration.ofMillis(200))
                            .withInterruptTimeout(Duration.ofSeconds(5)));
        }

        private void enqueue(TaskQueue queue, String customer, int jobs) {
            for (int i = 1; i <= jobs; i++) {
                queue.enqueueAsync(call(Crowd::serve, customer, i)).join();
            }
        }

        @Test
        void never_runs_more_jobs_than_allowed_over_all_workers() {
            List<TaskQueue> queues = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                queues.add(start(worker().limit("crowd", Limit.concurrency(3))));
            }
            for (int i = 0; i < 5; i++) {
                enqueue(queues.get(i % 4), "customer-" + i, 40);
            }

            Waits.until("all jobs have run", () -> crowd.ended.get() == 200);

            assertThat(crowd.most).hasValueBetween(1, 3);
        }

        @Test
        void runs_the_jobs_of_a_group_one_after_the_other_in_order() {
            TaskQueue first = start(worker().groupLimit("crowd", Limit.concurrency(1)));
            start(worker());
            start(worker());
            enqueue(first, "ada", 60);
            enqueue(first, "bob", 30);

            Waits.until("all jobs have run", () -> crowd.ended.get() == 90);

            assertThat(crowd.ran.get("ada"))
                    .isEqualTo(IntStream.rangeClosed(1, 60).boxed().toList());
            assertThat(crowd.ran.get("bob"))
                    .isEqualTo(IntStream.rangeClosed(1, 30).boxed().toList());
        }

        @Test
        void starts_its_burst_and_then_waits_until_the_limit_is_lifted() {
            TaskQueue queue = start(
                    worker().limit("crowd", Limit.rate(1, Duration.ofHours(1)).burst(5)));
            enqueue(queue, "ada", 20);
            Waits.until("the burst has run", () -> crowd.ended.get() == 5);
            assertThat(queue.admin().limits("crowd").queue().rate())
                    .isEqualTo(Limit.rate(1, Duration.ofHours(1)).burst(5));

            queue.admin().unlimit("crowd", LimitScope.QUEUE);

            Waits.until("all jobs have run", () -> crowd.ended.get() == 20);
        }

        @Test
        void with_a_rate_goes_on_by_itself() {
            TaskQueue queue = start(worker().groupLimit(
                            "crowd", Limit.rate(1000, Duration.ofSeconds(1)).burst(2), Limit.concurrency(2)));
            enqueue(queue, "ada", 20);

            Waits.until("all jobs have run", () -> crowd.ended.get() == 20);
        }

        @Test
        void takes_the_group_of_the_call_before_that_of_the_task() {
            TaskQueue queue = start(worker().groupLimit("crowd", "nobody", Limit.rate(1, Duration.ofHours(1)))
                    .limit("crowd", Limit.concurrency(5)));
            queue.enqueue(call(Crowd::serve, "ada", 1).group("nobody"));
            queue.enqueue(call(Crowd::serve, "ada", 2).group("nobody"));
            Waits.until("one job has run", () -> crowd.ended.get() == 1);
            enqueue(queue, "ada", 3);

            Waits.until("those of the other group have run", () -> crowd.ended.get() == 4);

            assertThat(queue.admin().counts("crowd").ready()).isEqualTo(1);
        }
    }
}
