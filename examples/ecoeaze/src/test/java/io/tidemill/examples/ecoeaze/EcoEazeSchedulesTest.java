package io.tidemill.examples.ecoeaze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.tidemill.TaskQueue;
import io.tidemill.admin.JobInfo;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.examples.ecoeaze.campaigns.Campaign;
import io.tidemill.schedule.Schedule;
import io.tidemill.schedule.ScheduleInfo;
import io.tidemill.schedule.Scheduler;
import io.tidemill.task.JobState;
import io.tidemill.test.FakeClock;
import io.tidemill.test.Waits;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EcoEazeSchedulesTest {

    /** A Thursday. */
    private static final Instant NEW_YEAR = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void reportsAndCleanUpRunAtNightWhereTheFarmsAre() {
        assertThat(EcoEazeSchedules.all())
                .filteredOn(schedule -> schedule.overlap().name().equals("ALLOW"))
                .extracting(Schedule::name, Schedule::task, EcoEazeSchedulesTest::first)
                .containsExactlyInAnyOrder(
                        tuple("sales-reports", "generate_monthly_sales_reports", "2026-01-01T02:00:00Z"),
                        tuple("engagement-report", "generate_user_engagement_report", "2026-01-05T03:30:00Z"),
                        tuple("image-cleanup", "cleanup_old_images", "2026-01-01T02:30:00Z"),
                        tuple("profit-loss-report:f-101", "generate_profit_loss_report", "2026-01-05T03:00:00Z"),
                        tuple("profit-loss-report:f-102", "generate_profit_loss_report", "2026-01-05T03:00:00Z"),
                        tuple("profit-loss-report:f-103", "generate_profit_loss_report", "2026-01-05T03:00:00Z"),
                        tuple("inventory-report:f-101", "generate_inventory_report", "2026-01-01T04:00:00Z"),
                        tuple("inventory-report:f-102", "generate_inventory_report", "2026-01-01T04:00:00Z"),
                        tuple("inventory-report:f-103", "generate_inventory_report", "2026-01-01T04:00:00Z"));
    }

    @Test
    void everyProductIsLookedAtEachHourAndFiguresAreMadeEachTenSeconds() {
        List<Schedule> others = EcoEazeSchedules.all().stream()
                .filter(schedule -> schedule.overlap().name().equals("SKIP"))
                .toList();

        assertThat(others).extracting(Schedule::name).contains("dashboard", "reorder:honey", "reorder:eggs");
        assertThat(others).hasSize(11);
        assertThat(others)
                .extracting(schedule -> schedule.timing().describe())
                .filteredOn(words -> words.startsWith("every hour"))
                .hasSize(10);
        assertThat(others).extracting(schedule -> schedule.timing().describe()).contains("every 10 seconds");
    }

    /** The worker's own, on a clock that is moved: stored at the start, fired at night, and once only. */
    @Test
    void theyFireAtTheirTimes() {
        FakeClock clock = new FakeClock(NEW_YEAR);
        MemoryBroker broker = new MemoryBroker(clock);
        Scheduler scheduler = EcoEazeSchedules.scheduler();
        try (TaskQueue queue = TaskQueue.builder()
                .broker(broker)
                .clock(clock)
                .install(scheduler)
                .start()) {
            ScheduleInfo cleanup = scheduler.schedules().get("image-cleanup").orElseThrow();
            assertThat(cleanup.owner()).contains("ecoeaze");
            assertThat(cleanup.next()).contains(Instant.parse("2026-01-01T02:30:00Z"));

            clock.advance(Duration.ofHours(3));

            String job = "image-cleanup@2026-01-01T02:30:00Z";
            awaitReady(queue, clock, "images");
            assertThat(ready(queue, "images")).containsExactly(job);
        }
    }

    @Test
    void aCampaignIsSentAtATimeThatIsSetAtRunTime() {
        FakeClock clock = new FakeClock(NEW_YEAR);
        MemoryBroker broker = new MemoryBroker(clock);
        Scheduler scheduler = Scheduler.create();
        Campaign campaign = new Campaign("spring", "Spring", "It is spring.", Map.of("u-1", "ada@customers.example"));
        try (TaskQueue queue = TaskQueue.builder()
                .broker(broker)
                .clock(clock)
                .install(scheduler)
                .start()) {
            EcoEazeProducer.scheduleCampaign(scheduler.schedules(), campaign, Instant.parse("2026-03-20T08:00:00Z"));
            assertThat(ready(queue, "campaigns")).isEmpty();

            clock.advance(Duration.between(NEW_YEAR, Instant.parse("2026-03-20T08:00:00Z")));

            awaitReady(queue, clock, "campaigns");
            assertThat(ready(queue, "campaigns")).containsExactly("campaign:spring@2026-03-20T08:00:00Z");
        }
    }

    /** Time goes on meanwhile: a scheduler that has just looked looks again a little later. */
    private static void awaitReady(TaskQueue queue, FakeClock clock, String name) {
        Waits.until("a job is in queue " + name, () -> {
            clock.advance(Duration.ofMillis(100));
            return !ready(queue, name).isEmpty();
        });
    }

    private static List<String> ready(TaskQueue queue, String name) {
        return queue.admin().list(name, JobState.READY, 0, 10).stream()
                .map(JobInfo::id)
                .toList();
    }

    private static String first(Schedule schedule) {
        return schedule.timing().next(NEW_YEAR).orElseThrow().toString();
    }
}
