package io.tidemill.metrics;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.TaskQueue;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.Completion;
import io.tidemill.broker.Redrive;
import io.tidemill.broker.StoredSchedule;
import io.tidemill.queue.Limit;
import io.tidemill.queue.LimitScope;
import io.tidemill.test.Waits;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What the gauges show of queues, jobs and schedules, and when they go. */
class QueueGaugesTest extends MetricsHarness {

    @Test
    void jobs_are_counted_where_they_are() {
        try (TaskQueue queue = producer().start()) {
            queue.enqueue(call(Tasks::send));
            queue.enqueue(call(Tasks::send));
            queue.enqueue(call(Tasks::send).delay(Duration.ofHours(1)));
            passIntervals(1);
            Waits.until("the jobs are counted", () -> ready() == 2);

            assertThat(meters.gauge(QueueMeters.QUEUE_JOBS, "queue", "mail", "state", "scheduled"))
                    .isEqualTo(1);
            assertThat(meters.gauge(QueueMeters.QUEUE_JOBS, "queue", "mail", "state", "dead"))
                    .isZero();
            assertThat(meters.gauge(QueueMeters.QUEUE_OLDEST_AGE, "queue", "mail"))
                    .isEqualTo(15);
        }
    }

    @Test
    void a_delayed_job_is_as_old_as_it_is_late() {
        try (TaskQueue queue = producer().start()) {
            queue.enqueue(call(Tasks::send).delay(Duration.ofSeconds(40)));
            passIntervals(3);
            memory.sweeps().promote("mail", 1).join();
            passIntervals(1);
            Waits.until("it is ready", () -> ready() == 1);

            assertThat(age()).isEqualTo(20);
        }
    }

    @Test
    void a_job_that_ran_before_it_was_redriven_does_not_make_its_queue_look_as_old_as_its_call() {
        try (TaskQueue queue = producer().start()) {
            String redriven = queue.enqueue(call(Tasks::send)).id();
            passIntervals(100);
            Claim claim = memory.claim("mail", new ClaimRequest("worker", "worker:1", 1, 60_000))
                    .join()
                    .claims()
                    .get(0);
            byte[] failure = "no route".getBytes(StandardCharsets.US_ASCII);
            memory.fail("mail", List.of(new Completion.Dead(redriven, claim.token(), failure)))
                    .join();
            memory.operations()
                    .redrive("mail", List.of(new Redrive(redriven, 0)))
                    .join();
            passIntervals(1);
            Waits.until("it is ready", () -> ready() == 1);
            assertThat(age()).isNaN();

            queue.enqueue(call(Tasks::send));
            passIntervals(2);
            Waits.until("the other one is ready", () -> ready() == 2 && age() == 30);
        }
    }

    @Test
    void jobs_that_a_limit_holds_back_are_counted_and_timed_until_it_lets_them_go() {
        try (TaskQueue queue = producer().start()) {
            queue.admin().limit("mail", LimitScope.QUEUE, Limit.concurrency(1));
            queue.enqueue(call(Tasks::send));
            queue.enqueue(call(Tasks::send));
            passIntervals(1);
            Waits.until("nothing is held back", () -> ready() == 2 && held() == 0);

            ClaimRequest one = new ClaimRequest("worker", "worker:1", 1, 600_000);
            Claim claim = memory.claim("mail", one).join().claims().get(0);
            passIntervals(1);
            Waits.until("one is held back", () -> held() == 1);
            assertThat(heldAge()).as("seen for the first time").isZero();
            passIntervals(2);
            Waits.until("it is held back for two intervals", () -> heldAge() == 30);

            memory.complete("mail", List.of(new Completion.Succeeded(claim.id(), claim.token(), null, 0)), null)
                    .join();
            passIntervals(1);
            Waits.until("the limit is not reached any more", () -> held() == 0 && heldAge() == 0);
        }
    }

    @Test
    void a_paused_queue_and_its_workers_are_shown() {
        try (TaskQueue queue = producer().start()) {
            passIntervals(1);
            Waits.until("nobody serves the queue", () -> workers() == 0 && paused() == 0);

            memory.operations().pause("mail").join();
            for (String worker : List.of("worker:1", "worker:2")) {
                memory.operations()
                        .register("mail", worker, new byte[0], INTERVAL.toMillis() * 5)
                        .join();
            }
            passIntervals(1);
            Waits.until("two workers serve the queue, and it is paused", () -> workers() == 2 && paused() == 1);

            memory.operations().resume("mail").join();
            passIntervals(6);
            Waits.until("the workers are gone, and the pause is over", () -> workers() == 0 && paused() == 0);
        }
    }

    @Test
    void a_schedule_that_should_have_fired_is_overdue_until_it_has() {
        try (TaskQueue queue = producer().start()) {
            long now = clock.millis();
            schedule("paused", Optional.empty(), "r1", StoredSchedule.NEVER);
            schedule("nightly", Optional.empty(), "r2", now + 10_000);
            schedule("hourly", Optional.empty(), "r3", now + 20_000);
            Waits.until("none is overdue", () -> overdue() == 0);

            passIntervals(3);
            Waits.until("nobody has fired them", () -> overdue() == 35);

            schedule("nightly", Optional.of("r2"), "r4", now + 3_600_000);
            passIntervals(1);
            Waits.until("one has fired", () -> overdue() == 40);

            schedule("hourly", Optional.of("r3"), "r5", now + 3_600_000);
            passIntervals(1);
            Waits.until("both have fired", () -> overdue() == 0);
        }
    }

    private void schedule(String name, Optional<String> expected, String revision, long fireAt) {
        memory.schedules()
                .write("mail", expected, new StoredSchedule(name, revision, fireAt, new byte[0]))
                .join();
    }

    @Test
    void a_start_that_fails_leaves_neither_its_name_nor_its_gauges() {
        AtomicBoolean isRefused = new AtomicBoolean(true);
        registry.config().onMeterAdded(meter -> {
            if (meter.getId().getName().equals("tidemill.health") && isRefused.get()) {
                throw new IllegalStateException("refused");
            }
        });
        assertThatThrownBy(() -> worker().start()).hasMessage("refused");
        assertThat(registry.find("tidemill.loop.late").meters()).isEmpty();
        assertThat(registry.find("tidemill.queue.jobs").meters()).isEmpty();

        isRefused.set(false);
        try (TaskQueue queue = worker().start()) {
            assertThat(meters.gauge(QueueMeters.SLOTS_TOTAL, "name", "default")).isEqualTo(10);
        }
    }

    @Test
    void health_judges_whether_jobs_are_counted() {
        try (TaskQueue queue = producer().start()) {
            broker.lists = Switchable.Answers.FAIL;
            passIntervals(4);

            assertThat(queue.health().problems())
                    .contains("jobs in queues were not counted for 1 min, allowed are 45 s");
            assertThat(queue.health().live()).isTrue();
        }
    }

    @Test
    void a_process_that_serves_thousands_of_queues_does_not_name_them_all() {
        KnownNames names = new KnownNames();
        names.addNamed(List.of("tenant-4999"));
        names.addQueues(IntStream.range(0, 5_000).mapToObj(i -> "tenant-" + i).toList());

        long known = IntStream.range(0, 5_000)
                .filter(i -> !names.queue("tenant-" + i).equals(KnownNames.OTHER))
                .count();
        assertThat(known).isEqualTo(KnownNames.MOST_QUEUES + 1);
        assertThat(names.queue("tenant-0")).isEqualTo("tenant-0");
        assertThat(names.queue("tenant-4999")).isEqualTo("tenant-4999");
    }

    @Test
    void reading_the_gauges_asks_nobody() {
        try (TaskQueue queue = producer().start()) {
            Waits.until("it was counted once", () -> ready() == 0);
            // The age is asked for after the counts.
            clock.awaitWaiters(3);
            for (int i = 0; i < 100; i++) {
                ready();
                age();
            }
            assertThat(broker.asked).hasValue(2);

            passIntervals(1);
            Waits.until("it was counted twice", () -> broker.asked.get() == 4);
        }
    }

    @Test
    void what_is_not_known_any_more_is_not_a_number() {
        try (TaskQueue queue = producer().start()) {
            Waits.until("the jobs are counted", () -> ready() == 0);
            broker.lists = Switchable.Answers.FAIL;
            passIntervals(3);
            assertThat(ready()).as("after three intervals").isZero();

            passIntervals(1);
            assertThat(ready()).as("after four").isNaN();

            broker.lists = Switchable.Answers.COME;
            passIntervals(1);
            Waits.until("the jobs are counted again", () -> ready() == 0);
        }
    }

    @Test
    void a_broker_that_does_not_answer_does_not_hold_up_the_close() {
        broker.lists = Switchable.Answers.NEVER_COME;
        TaskQueue queue = producer().start();
        Waits.until("it was asked", () -> broker.asked.get() == 2);

        queue.close();

        assertThat(meters.gauges()).isEmpty();
    }

    @Test
    void gauges_vanish_when_the_queue_closes_and_what_was_counted_stays() {
        TaskQueue queue = worker().start();
        queue.enqueue(Tasks::send);
        assertThat(meters.gauges()).hasSizeGreaterThan(8);

        queue.close();

        assertThat(meters.gauges()).isEmpty();
        assertThat(meters.count(QueueMeters.JOBS_ENQUEUED)).isEqualTo(1);
    }

    @Test
    void two_queues_on_one_registry_have_gauges_of_their_own() {
        try (TaskQueue first = worker().concurrency(3).start();
                TaskQueue second = worker().concurrency(4).start()) {
            first.enqueue(Tasks::send);

            assertThat(meters.gauge(QueueMeters.SLOTS_TOTAL, "name", "default")).isEqualTo(3);
            assertThat(meters.gauge(QueueMeters.SLOTS_TOTAL, "name", "default-2"))
                    .isEqualTo(4);
            assertThat(meters.count(QueueMeters.JOBS_ENQUEUED, "name", "default"))
                    .isEqualTo(1);
            assertThat(meters.count(QueueMeters.JOBS_ENQUEUED, "name", "default-2"))
                    .isZero();

            first.close();
            assertThat(meters.gauge(QueueMeters.SLOTS_TOTAL)).isEqualTo(4);
        }
        try (TaskQueue third = worker().start()) {
            assertThat(meters.gauge(QueueMeters.SLOTS_TOTAL, "name", "default"))
                    .as("a name is free again after the close")
                    .isEqualTo(10);
        }
    }

    @Test
    void a_queue_may_have_a_name() {
        try (TaskQueue queue = TaskQueue.builder()
                .tasks(new Tasks())
                .install(MicrometerMetrics.of(registry).named("orders"))
                .start()) {
            assertThat(meters.values(MeterTag.NAME)).containsExactly("orders");
        }
    }

    private double ready() {
        return meters.gauge(QueueMeters.QUEUE_JOBS, "queue", "mail", "state", "ready");
    }

    private double paused() {
        return meters.gauge(QueueMeters.QUEUE_PAUSED, "queue", "mail");
    }

    private double workers() {
        return meters.gauge(QueueMeters.QUEUE_WORKERS, "queue", "mail");
    }

    private double held() {
        return meters.gauge(QueueMeters.LIMITS_HELD, "queue", "mail");
    }

    private double heldAge() {
        return meters.gauge(QueueMeters.LIMITS_HELD_AGE, "queue", "mail");
    }

    private double overdue() {
        return meters.gauge(QueueMeters.SCHEDULES_OVERDUE, "queue", "mail");
    }

    private double age() {
        return meters.gauge(QueueMeters.QUEUE_OLDEST_AGE, "queue", "mail");
    }
}
