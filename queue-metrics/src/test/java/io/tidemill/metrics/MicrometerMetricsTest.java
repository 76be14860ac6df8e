package io.tidemill.metrics;

import static io.tidemill.client.Call.call;
import static io.tidemill.client.Call.named;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.tidemill.TaskQueue;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.event.Probe;
import io.tidemill.event.QueueEvent;
import io.tidemill.task.BrokerException;
import io.tidemill.test.Waits;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a queue measures while it runs. */
class MicrometerMetricsTest extends MetricsHarness {

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
    void scripts_of_the_broker_are_measured_by_name() throws Exception {
        try (TaskQueue queue = TaskQueue.builder()
                .broker(Scripted.broker())
                .tasks(new Tasks())
                .listener(events)
                .install(MicrometerMetrics.of(registry))
                .start()) {
            queue.enqueueAll(List.of(call(Tasks::send), call(Tasks::send)));
            queue.enqueue(Tasks::send);
            events.await(QueueEvent.Succeeded.class, 3);
        }

        assertThat(meters.values(MeterTag.SCRIPT)).containsExactly("enqueue");
        Timer answered = registry.get("tidemill.broker.scripts")
                .tags("script", "enqueue", "outcome", "answered")
                .timer();
        assertThat(answered.count()).isEqualTo(2);
        assertThat(answered.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(4);
        assertThat(meters.times(QueueMeters.BROKER_SCRIPTS, "script", "enqueue", "outcome", "failed"))
                .isZero();
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
}
