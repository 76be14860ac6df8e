package io.tidemill.schedule;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.ReadByExtension;
import io.tidemill.task.Task;
import io.tidemill.test.EnqueuedJob;
import io.tidemill.test.TestQueue;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SchedulerOnATestQueueTest {

    /** Notes when it runs. */
    public static final class Reports {

        private final List<Instant> ran = new ArrayList<>();
        private TestQueue queue;

        @Task(name = "report")
        public void report(String team) {
            ran.add(queue.now());
        }
    }

    @Test
    void a_schedule_fires_at_its_exact_times_over_a_year() {
        Reports reports = new Reports();
        Scheduler scheduler = Scheduler.create()
                .schedule(Schedule.of(
                        "daily",
                        Timing.cron("30 7 * * *", ZoneId.of("Europe/Berlin")),
                        call(Reports::report, "sales")));
        try (TestQueue queue = TestQueue.builder()
                .tasks(reports)
                .configure(it -> it.install(scheduler))
                .start()) {
            reports.queue = queue;

            queue.advance(Duration.ofDays(365));

            assertThat(reports.ran)
                    .hasSize(365)
                    .startsWith(Instant.parse("2026-01-01T06:30:00Z"))
                    .contains(Instant.parse("2026-07-01T05:30:00Z"))
                    .endsWith(Instant.parse("2026-12-31T06:30:00Z"));
            assertThat(queue.enqueued()).hasSize(365);
            assertThat(queue.enqueued()).extracting(EnqueuedJob::arguments).containsOnly(List.of("sales"));
        }
    }

    @Test
    void a_queue_knows_the_annotations_that_only_a_scheduler_reads() {
        assertThat(List.of(Cron.class, Every.class))
                .allSatisfy(annotation -> assertThat(
                                annotation.getAnnotation(ReadByExtension.class).value())
                        .isEqualTo(Scheduler.class.getName()));
    }
}
