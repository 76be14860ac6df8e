package io.tidemill.metrics;

import static io.tidemill.client.Call.call;
import static io.tidemill.client.Call.named;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidemill.TaskQueue;
import io.tidemill.TaskQueueBuilder;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.Completion;
import io.tidemill.broker.Redrive;
import io.tidemill.broker.StoredSchedule;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.event.Probe;
import io.tidemill.event.QueueEvent;
import io.tidemill.task.BrokerException;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.TaskSignal;
import io.tidemill.test.FakeClock;
import io.tidemill.test.Recorder;
import io.tidemill.test.Waits;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a queue measures while it runs. */
class MicrometerMetricsTest {

    private static final Duration INTERVAL = Duration.ofSeconds(15);

    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final Meters meters = new Meters(registry);
    private final Recorder events = new Recorder();
    private final FakeClock clock = new FakeClock();
    private final MemoryBroker memory = new MemoryBroker(clock);
    private final Switchable broker = new Switchable();

    /** Tasks that end in every way. */
    public static final class Tasks {

        final CountDownLatch go = new CountDownLatch(1);

        @Task(name = "send", queue = "mail")
        public void send() {}

        @Task(name = "fail", queue = "mail", retry = @Retry(maxAttempts = 2, delay = "1ms"))
        public void fail() {
            throw new IllegalStateException("no route");
        }

        @Task(name = "snooze", queue = "mail")
        public void snooze() {
            throw new TaskSignal.Snooze(Duration.ofHours(1));
        }

        @Task(name = "cancel", queue = "mail")
        public void cancel() {
            throw new TaskSignal.Cancel("withdrawn");
        }

        @Task(name = "block", queue = "mail")
        public void block() throws InterruptedException {
            go.await(20, TimeUnit.SECONDS);
        }
    }

    private TaskQueueBuilder worker() {
        return TaskQueue.builder()
                .tasks(new Tasks())
                .install(MicrometerMetrics.of(registry))
                .install(new HeardLast(events));
    }

    /** On time that the test moves, and on a broker whose answers about queues it can take away. */
    private TaskQueueBuilder producer() {
        return TaskQueue.builder()
                .broker(broker.around(memory))
                .clock(clock)
                .install(MicrometerMetrics.of(registry).withDepths("mail"));
    }

    @Test
    void a_job_that_succeeds_is_counted_on_its_way() throws Exception {
        try (TaskQueue queue = worker().start()) {
            queue.enqueueAll(List.of(call(Tasks::send), call(Tasks::send), call(Tasks::send)));
            events.await(QueueEvent.Succeeded.class, 3);
        }

        String[] tags = {"name", "default", "queue", "mail", "task", "send"};
        assertThat(meters.count(QueueMeters.JOBS_ENQUEUED, tags)).isEqualTo(3);
        assertThat(meters.count(QueueMeters.JOBS_STARTED, tags)).isEqualTo(3);
        assertThat(meters.times(QueueMeters.JOBS_WAIT, tags)).isEqualTo(3);
        assertThat(registry.get("tidemill.jobs.run")
                        .tags(tags)
                        .tag("outcome", "succeeded")
                        .timer()
                        .count())
                .isEqualTo(3);
        assertThat(registry.get("tidemill.jobs.ended")
                        .tags(tags)
                        .tag("outcome", "succeeded")
                        .counter()
                        .count())
                .isEqualTo(3);
        assertThat(meters.count(QueueMeters.JOBS_FAILURES)).isZero();
    }

    @Test
    void a_job_that_fails_is_counted_at_each_run_and_at_its_end() throws Exception {
        try (TaskQueue queue = worker().start()) {
            queue.enqueue(Tasks::fail);
            events.await(QueueEvent.Died.class, 1);
            events.await(QueueEvent.Retrying.class, 1);
        }

        assertThat(meters.count(QueueMeters.JOBS_STARTED, "task", "fail")).isEqualTo(2);
        assertThat(meters.times(QueueMeters.JOBS_WAIT, "task", "fail"))
                .as("only the first run has waited in the queue")
                .isEqualTo(1);
        assertThat(meters.count(QueueMeters.JOBS_FAILURES, "task", "fail")).isEqualTo(2);
        assertThat(meters.count(QueueMeters.JOBS_RETRIES, "task", "fail")).isEqualTo(1);
        assertThat(meters.times(QueueMeters.JOBS_RUN, "task", "fail", "outcome", "retried"))
                .isEqualTo(1);
        assertThat(meters.times(QueueMeters.JOBS_RUN, "task", "fail", "outcome", "dead"))
                .isEqualTo(1);
        assertThat(meters.count(QueueMeters.JOBS_ENDED, "task", "fail", "outcome", "dead"))
                .isEqualTo(1);
        assertThat(meters.count(QueueMeters.JOBS_ENDED, "task", "send"))
                .as("others are not")
                .isZero();
    }

    @Test
    void what_is_no_failure_is_not_counted_as_one() throws Exception {
        try (TaskQueue queue = worker().start()) {
            queue.enqueue(Tasks::snooze);
            queue.enqueue(Tasks::cancel);
            queue.enqueue(call(Tasks::send).id("twice").delay(Duration.ofHours(1)));
            queue.enqueue(call(Tasks::send).id("twice"));
            events.await(QueueEvent.Released.class, 1);
            events.await(QueueEvent.Cancelled.class, 1);
        }

        assertThat(meters.count(QueueMeters.JOBS_RELEASES, "task", "snooze")).isEqualTo(1);
        assertThat(meters.times(QueueMeters.JOBS_RUN, "outcome", "released")).isEqualTo(1);
        assertThat(meters.count(QueueMeters.JOBS_ENDED, "task", "cancel", "outcome", "cancelled"))
                .isEqualTo(1);
        assertThat(meters.count(QueueMeters.JOBS_DUPLICATES, "task", "send")).isEqualTo(1);
        assertThat(meters.count(QueueMeters.JOBS_FAILURES)).isZero();
    }

    @Test
    void counters_are_there_before_anything_is_counted() {
        try (TaskQueue queue = worker().start()) {
            assertThat(registry.get("tidemill.jobs.failures")
                            .tags("queue", "mail", "task", "fail")
                            .counter()
                            .count())
                    .isZero();
        }
    }

    @Test
    void names_that_do_not_stand_in_the_code_are_others() {
        try (TaskQueue queue = TaskQueue.builder()
                .install(MicrometerMetrics.of(registry).withQueues("bulk").withTasks("import"))
                .start()) {
            IntStream.range(0, 500)
                    .forEach(i -> queue.enqueue(named("task-" + i).queue("tenant-" + i)));
            queue.enqueue(named("import").queue("bulk"));
            queue.enqueue(call(Tasks::send));
        }

        assertThat(meters.values(MeterTag.QUEUE)).containsExactly("bulk", "mail", "other");
        assertThat(meters.values(MeterTag.TASK)).containsExactly("import", "other", "send");
        assertThat(meters.count(QueueMeters.JOBS_ENQUEUED, "queue", "other", "task", "other"))
                .isEqualTo(500);
        assertThat(meters.count(QueueMeters.JOBS_ENQUEUED, "queue", "mail", "task", "send"))
                .as("a call by reference names its task")
                .isEqualTo(1);
    }

    @Test
    void round_trips_are_measured_by_request() throws Exception {
        try (TaskQueue queue = TaskQueue.builder()
                .broker(broker.around(new MemoryBroker()))
                .tasks(new Tasks())
                .listener(events)
                .install(MicrometerMetrics.of(registry))
                .start()) {
            queue.enqueueAll(List.of(call(Tasks::send), call(Tasks::send)));
            events.await(QueueEvent.Succeeded.class, 2);
            broker.refusesJobs = true;
            assertThatThrownBy(() -> queue.enqueue(Tasks::send)).isInstanceOf(BrokerException.class);
        }

        assertThat(meters.values(MeterTag.HOP)).contains("enqueue", "claim", "complete");
        assertThat(meters.times(QueueMeters.BROKER_REQUESTS, "hop", "enqueue", "outcome", "answered"))
                .isEqualTo(1);
        assertThat(meters.times(QueueMeters.BROKER_REQUESTS, "hop", "enqueue", "outcome", "failed"))
                .isEqualTo(1);
        assertThat(registry.get("tidemill.broker.batch")
                        .tag("hop", "enqueue")
                        .summary()
                        .totalAmount())
                .as("two jobs and then one")
                .isEqualTo(3);
    }

    @Test
    void slots_and_loops_are_shown() throws Exception {
        Tasks tasks = new Tasks();
        try (TaskQueue queue = TaskQueue.builder()
                .tasks(tasks)
                .concurrency(7)
                .listener(events)
                .install(MicrometerMetrics.of(registry))
                .start()) {
            queue.enqueue(Tasks::block);
            events.await(QueueEvent.Started.class, 1);

            assertThat(meters.gauge(QueueMeters.SLOTS_TOTAL)).isEqualTo(7);
            // A claim that is on its way holds slots, too.
            Waits.until("only the job holds a slot", () -> meters.gauge(QueueMeters.SLOTS_USED) == 1);
            assertThat(meters.gauge(QueueMeters.LOOP_LATE, "loop", "tidemill-fetch"))
                    .isBetween(0.0, 60.0);
            assertThat(meters.values(MeterTag.LOOP)).contains("tidemill-await", "tidemill-lease");
            assertThat(meters.gauge(QueueMeters.HEALTH, "check", "ready")).isEqualTo(1);
            assertThat(meters.gauge(QueueMeters.HEALTH, "check", "live")).isEqualTo(1);
            tasks.go.countDown();
        }
    }

    @Test
    void how_late_a_loop_is_is_in_seconds() {
        new BrokerMeters(new Registrar(registry, "default")).gauge(new Probe.Gauge() {
            @Override
            public String name() {
                return "loop.late";
            }

            @Override
            public String owner() {
                return "tidemill-fetch";
            }

            @Override
            public long value() {
                return 50;
            }
        });

        assertThat(meters.gauge(QueueMeters.LOOP_LATE, "loop", "tidemill-fetch"))
                .isEqualTo(0.05);
    }

    @Test
    void an_outage_of_the_broker_is_counted_once() {
        try (TaskQueue queue = producer().start()) {
            // An answer to the first round of the metrics would end the outage, and the next call begin another.
            clock.awaitWaiters(3);
            broker.losesAnswers = true;
            assertThatThrownBy(() -> queue.enqueue(Tasks::send)).isInstanceOf(BrokerException.class);
            assertThatThrownBy(() -> queue.enqueue(Tasks::send)).isInstanceOf(BrokerException.class);

            Waits.until("the outage is counted", () -> meters.count(QueueMeters.BROKER_OUTAGES) > 0);
            assertThat(meters.count(QueueMeters.BROKER_OUTAGES)).isEqualTo(1);
        }
    }

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
    void how_late_schedules_fire_is_measured_by_queue() {
        KnownNames names = new KnownNames();
        names.addQueues(List.of("mail"));
        ScheduleMeters late = new ScheduleMeters(new Registrar(registry, "default"), names);

        late.on(new QueueEvent.Fired("mail", "nightly", Instant.EPOCH, Duration.ofSeconds(2), "job-1"));
        late.on(new QueueEvent.Fired("mail", "hourly", Instant.EPOCH, Duration.ofSeconds(5), "job-2"));
        late.on(new QueueEvent.Fired("tenant-7", "hourly", Instant.EPOCH, Duration.ofSeconds(9), "job-3"));

        Timer mail =
                registry.get("tidemill.schedules.late").tag("queue", "mail").timer();
        assertThat(mail.count()).isEqualTo(2);
        assertThat(mail.totalTime(TimeUnit.SECONDS)).isEqualTo(7);
        assertThat(mail.max(TimeUnit.SECONDS)).isEqualTo(5);
        assertThat(meters.times(QueueMeters.SCHEDULES_LATE, "queue", "other")).isEqualTo(1);
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

    @Test
    void times_have_the_unit_that_the_registry_chooses() throws Exception {
        try (TaskQueue queue = worker().start()) {
            queue.enqueue(Tasks::send);
            events.await(QueueEvent.Succeeded.class, 1);
        }

        Timer runs = registry.get("tidemill.jobs.run")
                .tags("task", "send", "outcome", "succeeded")
                .timer();
        assertThat(runs.getId().getBaseUnit()).isEqualTo("seconds");
        assertThat(registry.getMeters().stream().map(Meter::getId).filter(id -> id.getDescription() == null))
                .as("meters without a description")
                .isEmpty();
    }

    @Test
    void an_interval_below_a_second_is_refused() {
        assertThatThrownBy(() -> MicrometerMetrics.of(registry).withInterval(Duration.ofMillis(10)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 1 s");
    }

    /**
     * Lets time pass, and the two loops of a producer do their rounds: that of the metrics, and the one that awaits
     * jobs.
     */
    private void passIntervals(int count) {
        clock.awaitWaiters(3);
        for (int i = 0; i < count; i++) {
            clock.advance(INTERVAL);
            clock.awaitWaiters(3);
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

    private double overdue() {
        return meters.gauge(QueueMeters.SCHEDULES_OVERDUE, "queue", "mail");
    }

    private double age() {
        return meters.gauge(QueueMeters.QUEUE_OLDEST_AGE, "queue", "mail");
    }
}
