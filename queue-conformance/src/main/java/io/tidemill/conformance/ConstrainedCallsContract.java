package io.tidemill.conformance;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.TaskQueue;
import io.tidemill.TaskQueueBuilder;
import io.tidemill.client.Call;
import io.tidemill.client.DuplicateJobException;
import io.tidemill.client.JobCancelledException;
import io.tidemill.client.JobExpiredException;
import io.tidemill.client.JobFailedException;
import io.tidemill.client.JobHandle;
import io.tidemill.event.JobRef;
import io.tidemill.event.QueueEvent;
import io.tidemill.queue.Enqueued;
import io.tidemill.queue.Limit;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.RescheduleReply;
import io.tidemill.task.JobState;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.Unique;
import io.tidemill.task.WorkerOptions;
import io.tidemill.test.Waits;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link TaskQueueContract}. Calls with a unique key, an expiry, or a group, and queues with a limit. */
public abstract class ConstrainedCallsContract extends FailingJobsContract {

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
        void that_updates_another_runs_once_with_the_last_arguments_and_everyone_gets_that_result() throws Exception {
            TaskQueue producer = queueWith();
            Unique debounce = Unique.debounce("key", Duration.ofHours(1));
            JobHandle<String> first = producer.enqueue(
                    call(Shapes::describe, "1").unique(debounce.version(1)).delay(Duration.ofMillis(1)));
            JobHandle<String> second =
                    producer.enqueue(call(Shapes::describe, "2").unique(debounce.version(2)));
            JobHandle<String> third =
                    producer.enqueue(call(Shapes::describe, "3").unique(debounce.version(1)));

            queueWith(new Shapes());

            assertThat(List.of(first.enqueued(), second.enqueued(), third.enqueued()))
                    .containsExactly(Enqueued.NEW, Enqueued.UPDATED, Enqueued.OUTDATED);
            assertThat(second.id()).isEqualTo(first.id()).isEqualTo(third.id());
            assertThat(first.await(SOON)).isEqualTo(second.await(SOON)).isEqualTo("got 2");
        }

        @Test
        void that_is_delayed_can_be_given_other_arguments_and_another_time() throws Exception {
            TaskQueue producer = queueWith();
            JobHandle<String> job =
                    producer.enqueue(call(Shapes::describe, "1").unique("key").delay(Duration.ofHours(1)));

            assertThat(producer.reschedule(job, call(Shapes::describe, "2").delay(Duration.ofHours(2))))
                    .isEqualTo(RescheduleReply.RESCHEDULED);
            assertThatThrownBy(() ->
                            producer.reschedule(job, call(Shapes::describe, "3").priority(9)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("job " + job.id() + " keeps its id, queue, priority, group, unique key and expiry when"
                            + " it is rescheduled; leave them out of the call");
            assertThat(producer.reschedule(job, call(Shapes::describe, "4"))).isEqualTo(RescheduleReply.RESCHEDULED);
            assertThat(producer.reschedule(job, call(Shapes::describe, "5"))).isEqualTo(RescheduleReply.TOO_LATE);
            queueWith(new Shapes());

            assertThat(job.await(SOON)).isEqualTo("got 4");
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
            // Long enough for another one to start if it may.
            LockSupport.parkNanos(200_000);
            own.decrementAndGet();
            running.decrementAndGet();
            ended.incrementAndGet();
        }
    }

    /** Notes each run. One job in three fails at its first run. */
    public static class Ledger {
        final List<Integer> runs = new CopyOnWriteArrayList<>();

        @Task(queue = "ledger", retry = @Retry(maxAttempts = 2, delay = "20ms"))
        public void book(int number) {
            boolean isFirst = !runs.contains(number);
            runs.add(number);
            if (isFirst && number % 3 == 0) {
                throw new IllegalStateException("not yet");
            }
        }
    }

    @Nested
    class A_queue_in_order {

        private final Ledger ledger = new Ledger();

        private void runsInOrder(TaskQueueBuilder producer, UnaryOperator<Call<?>> each) {
            TaskQueue queue = start(producer);
            start(builder(ledger));
            for (int number = 0; number < 10; number++) {
                queue.enqueue(each.apply(call(Ledger::book, number)));
            }

            Waits.until("all jobs have run", () -> ledger.runs.size() == 14);

            assertThat(ledger.runs).containsExactly(0, 0, 1, 2, 3, 3, 4, 5, 6, 6, 7, 8, 9, 9);
        }

        @Test
        void tries_a_job_again_before_it_runs_the_next() {
            runsInOrder(builder(ledger).limit("ledger", Limit.inOrder()), job -> job);
        }

        @Test
        void tries_a_job_of_a_group_again_before_it_runs_the_next_of_the_group() {
            runsInOrder(builder(ledger).groupLimit("ledger", Limit.inOrder()), job -> job.group("one"));
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
