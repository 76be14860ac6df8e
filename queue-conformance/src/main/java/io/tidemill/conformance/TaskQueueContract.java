package io.tidemill.conformance;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tidemill.Health;
import io.tidemill.TaskQueue;
import io.tidemill.client.JobHandle;
import io.tidemill.client.UnknownJobException;
import io.tidemill.event.QueueEvent;
import io.tidemill.queue.CancelReply;
import io.tidemill.queue.QueueCounts;
import io.tidemill.task.JobState;
import io.tidemill.test.Waits;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * What a user of {@link TaskQueue} may rely on, whatever the broker. Extend it and say where the broker comes from.
 *
 * <p>It comes in parts, which extend one another: {@link CallsContract}, {@link ScheduledCallsContract},
 * {@link FailingJobsContract}, {@link ConstrainedCallsContract}, {@link RunningJobsContract},
 * {@link AsyncJobsContract}, {@link RecordedStepsContract}, {@link BatchJobsContract},
 * {@link ReportedProgressContract}, {@link ControlledWorkersContract}, {@link AwaitedJobsContract}, and here order,
 * handles, many jobs at once, and closing.
 *
 * <p>Durations are real and short; nothing is asserted to be quick, only to come, or to come after something else.
 */
public abstract class TaskQueueContract extends AwaitedJobsContract {

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
            // In one request: a job that is stored after its due time would go ahead of those that are not due yet.
            queue.enqueueAll(
                    names.stream().map(name -> call(Ordered::run, name).at(due)).toList());
            assertThat(ordered.take(20)).isEqualTo(names);
        }

        @Test
        void a_delayed_job_does_not_run_early() throws Exception {
            TaskQueue queue = queueWith(ordered);
            queue.enqueue(call(Ordered::run, "past").at(Instant.EPOCH));
            assertThat(ordered.take(1)).containsExactly("past");
            long before = System.nanoTime();
            queue.enqueue(call(Ordered::run, "later").delay(Duration.ofMillis(250)));
            assertThat(ordered.take(1)).containsExactly("later");
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(Duration.ofMillis(249));
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
            // It asks for the state only for a moment, in which a busy machine may not answer.
            Waits.until(
                    "the state is named",
                    () -> String.valueOf(catchThrowable(() -> job.await(Duration.ofMillis(1))))
                            .contains("AwaitTimeoutException: " + job + " had not ended after 1 ms: it is scheduled"));
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
    class The_health_of_a_queue {

        @Test
        void with_tasks_is_judged_by_what_its_loops_did() throws Exception {
            TaskQueue queue = queueWith(new Shapes());
            queue.enqueue(Shapes::none).await(SOON);

            AtomicReference<Health> seen = new AtomicReference<>();
            Waits.until("a sweep was answered, and nothing is late", () -> {
                Health now = queue.health();
                seen.set(now);
                return success(queue, "sweep").isPresent() && now.problems().isEmpty();
            });
            Health health = Objects.requireNonNull(seen.get());

            assertThat(health.ready()).isTrue();
            assertThat(health.live()).isTrue();
            assertThat(health.checks())
                    .extracting(Health.Check::name)
                    .containsExactlyInAnyOrder(
                            "broker",
                            "claim",
                            "extend",
                            "sweep",
                            "listen",
                            "tidemill-await",
                            "tidemill-fetch",
                            "tidemill-lease",
                            "tidemill-watchdog",
                            "tidemill-maintenance");
            assertThat(health.checks()).allMatch(check -> check.age().compareTo(check.allowedAge()) <= 0);
        }

        private Optional<Instant> success(TaskQueue queue, String name) {
            return queue.health().checks().stream()
                    .filter(check -> check.name().equals(name))
                    .findFirst()
                    .flatMap(Health.Check::lastSuccess);
        }

        @Test
        void without_tasks_is_judged_by_the_broker_which_it_asks_itself_if_nobody_else_does() throws Exception {
            TaskQueue queue = queueWith();

            Waits.until("the broker answered", () -> success(queue, "broker").isPresent());
            Health health = queue.health();

            assertThat(health.ready()).isTrue();
            assertThat(health.live()).isTrue();
            assertThat(health.checks()).extracting(Health.Check::name).containsExactly("broker", "tidemill-await");
        }

        @Test
        void that_is_closed_is_neither_ready_nor_live() {
            TaskQueue queue = queueWith(new Shapes());
            queue.close();

            assertThat(queue.health().ready()).isFalse();
            assertThat(queue.health().live()).isFalse();
            assertThat(queue.health().problems()).contains("tidemill-fetch has stopped");
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
}
