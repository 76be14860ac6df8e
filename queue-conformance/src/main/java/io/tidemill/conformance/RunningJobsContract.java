package io.tidemill.conformance;

import static io.tidemill.client.Call.call;
import static io.tidemill.client.Call.named;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.TaskQueue;
import io.tidemill.broker.RedriveReply;
import io.tidemill.client.JobCancelledException;
import io.tidemill.client.JobFailedException;
import io.tidemill.client.JobHandle;
import io.tidemill.client.PreparedJob;
import io.tidemill.client.TaskClient;
import io.tidemill.event.QueueEvent;
import io.tidemill.queue.CancelReply;
import io.tidemill.queue.QueueCounts;
import io.tidemill.task.JobState;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import io.tidemill.task.WorkerOptions;
import io.tidemill.test.Waits;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link TaskQueueContract}. Jobs that run, and jobs that wait to run. */
public abstract class RunningJobsContract extends ConstrainedCallsContract {

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

    /** A task that fails, and notes the fencing number of each run. */
    public static class Numbered {
        final List<Long> numbers = new CopyOnWriteArrayList<>();

        @Task(queue = "numbered", retry = @Retry(maxAttempts = 2, delay = "1ms"))
        public void fails() {
            numbers.add(TaskContext.current().fencingNumber());
            // Two runs within one millisecond are told apart by their attempts, which a redrive counts anew.
            for (long begin = System.currentTimeMillis(); System.currentTimeMillis() <= begin; ) {
                Thread.onSpinWait();
            }
            throw new IllegalStateException("fails");
        }
    }

    /** A task that had other names before. */
    public static class RenamedGreetings {
        @Task(
                name = "good_day",
                aliases = {"greet", "welcome"},
                queue = "greetings")
        public String goodDay(String name) {
            return "Good day, " + name;
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

        /** The event that a run has begun comes before its method is entered. */
        private void awaitRunning() {
            Waits.until("a job runs", () -> slow.running.get() == 1);
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
        void has_a_fencing_number_that_is_larger_in_each_later_run_also_after_a_redrive() {
            Numbered numbered = new Numbered();
            TaskQueue queue = queueWith(numbered);
            JobHandle<Void> job = queue.enqueue(Numbered::fails);
            assertThatThrownBy(() -> job.await(SOON)).isInstanceOf(JobFailedException.class);

            assertThat(queue.admin().redrive("numbered", job.id())).isEqualTo(RedriveReply.REDRIVEN);

            Waits.until("it ran four times", () -> numbered.numbers.size() == 4);
            assertThat(numbered.numbers).isSorted().doesNotHaveDuplicates().allMatch(number -> number < 1L << 53);
        }

        @Test
        void can_be_cancelled_from_another_process() throws Exception {
            queueWith(slow);
            TaskQueue other = queueWith();
            JobHandle<String> job = other.enqueue(Slow::waits);
            awaitRunning();
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
            awaitRunning();
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
            awaitRunning();
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
            awaitRunning();
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
        void that_was_stored_under_a_former_name_of_its_task_runs() throws Exception {
            TaskQueue old = queueWith();
            JobHandle<String> waiting = old.enqueue(Greetings::greet, "Ada");
            PreparedJob prepared = old.prepare(named("welcome", "Eve").queue("greetings"));

            TaskQueue renamed = queueWith(new RenamedGreetings());
            assertThat(waiting.await(SOON)).isEqualTo("Good day, Ada");
            assertThat(renamed.enqueue(prepared).await(SOON)).isEqualTo("Good day, Eve");
            assertThat(renamed.enqueue("greet", "Bob").await(SOON)).isEqualTo("Good day, Bob");
            assertThat(renamed.enqueue(RenamedGreetings::goodDay, "Kim").await(SOON))
                    .isEqualTo("Good day, Kim");
            assertThat(events.await(QueueEvent.Succeeded.class, 4))
                    .extracting(QueueEvent.Succeeded::task)
                    .containsExactlyInAnyOrder("greet", "welcome", "greet", "good_day");
            assertThat(events.events(QueueEvent.Released.class)).isEmpty();
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
}
