package io.tidemill.examples.fashiondeck.refresh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.api.StatefulRedisConnection;
import io.tidemill.client.TaskRef;
import io.tidemill.examples.fashiondeck.QueueStats;
import io.tidemill.examples.fashiondeck.TestRedis;
import io.tidemill.examples.fashiondeck.catalog.Catalog;
import io.tidemill.examples.fashiondeck.demo.MarketplaceServer;
import io.tidemill.schedule.ScheduleInfo;
import io.tidemill.schedule.Scheduler;
import io.tidemill.task.Retention;
import io.tidemill.test.EnqueuedJob;
import io.tidemill.test.TestQueue;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProductRefreshProducerTest {

    private final StatefulRedisConnection<String, String> redis = TestRedis.empty();
    private final Scheduler scheduler = Scheduler.create();
    private MarketplaceServer amazon;

    @BeforeEach
    void open() throws IOException {
        amazon = MarketplaceServer.start("amazon");
    }

    @AfterEach
    void close() {
        amazon.close();
    }

    @Test
    void asksForEveryCategoryOfAMarketplaceBehindOtherWork() {
        try (TestQueue queue = queue(Instant.EPOCH)) {
            producer(queue).addBulkRefreshJobs("amazon");

            List<EnqueuedJob> jobs = queue.enqueued(TaskRef.task(RefreshTasks::refreshProducts));
            assertThat(jobs)
                    .flatExtracting(EnqueuedJob::arguments)
                    .containsExactly(
                            new RefreshRequest("amazon", "dresses", 100),
                            new RefreshRequest("amazon", "jackets", 100),
                            new RefreshRequest("amazon", "shoes", 100),
                            new RefreshRequest("amazon", "bags", 100));
            assertThat(jobs).extracting(EnqueuedJob::priority).containsOnly(1);
        }
    }

    @Test
    void refusesAMarketplaceThatNobodyKnows() {
        try (TestQueue queue = queue(Instant.EPOCH)) {
            assertThatThrownBy(() -> producer(queue).addRefreshJob(new RefreshRequest("amazn", "top", 1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("there is no marketplace 'amazn', only [amazon, asos, flipkart]");
            assertThat(queue.enqueued()).isEmpty();
        }
    }

    @Test
    void countsWhatWaitsAndWhatIsCompletedAndWhatFailed() {
        try (TestQueue queue = queue(Instant.EPOCH)) {
            ProductRefreshProducer producer = producer(queue);
            producer.addBulkRefreshJobs("amazon");
            producer.addRefreshJob(new RefreshRequest("amazon", "hats", 10));
            assertThat(producer.getStats()).isEqualTo(new QueueStats(5, 0, 0, 0));

            queue.runUntilIdle();

            assertThat(producer.getStats()).isEqualTo(new QueueStats(0, 0, 4, 1));
        }
    }

    @Test
    void completedJobsAreCleanedBySettingOfTheQueue() {
        try (TestQueue queue = queue(Instant.EPOCH)) {
            ProductRefreshProducer producer = producer(queue);
            for (int i = 0; i < 3; i++) {
                producer.addBulkRefreshJobs("amazon");
                queue.runUntilIdle();
            }
            assertThat(producer.getStats().completed()).as("the newest five").isEqualTo(5);

            queue.advance(Duration.ofHours(30));

            assertThat(producer.getStats().completed()).as("a day later").isZero();
        }
    }

    @Test
    void refreshesEachMarketplaceAtTwoInItsOwnNight() {
        Instant start = Instant.parse("2026-03-28T00:00:00Z"); // New York is in summer time, London not before the 29th
        try (TestQueue queue = queue(start)) {
            producer(queue).schedulePeriodicRefresh();
            producer(queue).schedulePeriodicRefresh();

            assertThat(scheduler.schedules().list(RefreshTasks.QUEUE, 0, 10))
                    .extracting(ScheduleInfo::name)
                    .containsExactlyInAnyOrder(
                            "product-refresh:amazon", "product-refresh:asos", "product-refresh:flipkart");
            queue.advance(Duration.ofDays(3));

            assertThat(queue.enqueued(TaskRef.task(RefreshTasks::refreshProducts)))
                    .extracting(EnqueuedJob::id)
                    .containsExactly(
                            "product-refresh:asos@2026-03-28T02:00:00Z",
                            "product-refresh:amazon@2026-03-28T06:00:00Z",
                            "product-refresh:flipkart@2026-03-28T20:30:00Z",
                            "product-refresh:asos@2026-03-29T01:00:00Z",
                            "product-refresh:amazon@2026-03-29T06:00:00Z",
                            "product-refresh:flipkart@2026-03-29T20:30:00Z",
                            "product-refresh:asos@2026-03-30T01:00:00Z",
                            "product-refresh:amazon@2026-03-30T06:00:00Z",
                            "product-refresh:flipkart@2026-03-30T20:30:00Z");
        }
    }

    private ProductRefreshProducer producer(TestQueue queue) {
        return new ProductRefreshProducer(queue.taskQueue(), scheduler.schedules());
    }

    private TestQueue queue(Instant start) {
        MarketplaceClient marketplaces = new MarketplaceClient(Map.of("amazon", amazon.url()));
        return TestQueue.builder()
                .tasks(queue -> new RefreshTasks(queue, marketplaces, new Catalog(redis)))
                .configure(it -> it.install(scheduler)
                        .checkTaskNames(false)
                        .keep(RefreshTasks.QUEUE, new Retention(5, Duration.ofDays(1))))
                .startAt(start)
                .start();
    }
}
