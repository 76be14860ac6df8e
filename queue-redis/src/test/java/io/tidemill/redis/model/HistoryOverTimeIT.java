package io.tidemill.redis.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.tidemill.queue.HistoryCounts;
import io.tidemill.queue.HistoryCounts.Count;
import io.tidemill.queue.HistoryRange;
import io.tidemill.queue.QueueHistory;
import io.tidemill.redis.RedisBroker;
import io.tidemill.redis.Thorough;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A history on a Redis whose clock is moved over weeks; in an ordinary build over days. */
@Tag(Thorough.TAG)
class HistoryOverTimeIT {

    private static final int DAYS = Thorough.size(2, 33);

    private Real real;
    private RedisBroker broker;
    private RedisClient client;
    private StatefulRedisConnection<String, String> redis;

    @BeforeEach
    void start() {
        Real.assumeServerIsNewEnough();
        real = new Real();
        real.reset();
        String uri = "redis://127.0.0.1:" + real.port();
        broker = RedisBroker.connect(uri);
        broker.open();
        client = RedisClient.create(uri);
        redis = client.connect();
    }

    @AfterEach
    void stop() {
        if (real != null) {
            redis.close();
            client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
            broker.close();
            real.close();
        }
    }

    /** Numbers as of a queue with 1,000 jobs a second, in every period: no history is larger. */
    @Test
    void busy_weeks_are_known_to_the_last_thirty_days_and_take_less_than_64_kib() {
        HistoryCounts ofPeriod = HistoryCounts.of(Map.of(
                Count.ENQUEUED, 300_000L,
                Count.SUCCEEDED, 299_000L,
                Count.FAILED, 1_234L,
                Count.DEAD, 12L,
                Count.RETRIED, 1_222L,
                Count.LOST_LEASES, 3L,
                Count.RUN_MILLIS, 30_000_000L));
        for (int hour = 0; hour < DAYS * 24; hour++) {
            add(ofPeriod, Duration.ofHours(hour));
        }
        for (int period = 0; period < HistoryRange.DAY.periods(); period++) {
            add(ofPeriod, Duration.ofDays(DAYS).plusMinutes(5L * period));
        }

        QueueHistory day = read(HistoryRange.DAY);
        assertThat(day.periods()).allMatch(period -> period.counts().equals(ofPeriod));
        List<QueueHistory.Period> month = read(HistoryRange.MONTH).periods();
        assertThat(month.subList(Math.max(0, 696 - 24 * DAYS), 696))
                .as("days with one addition an hour")
                .allMatch(period -> period.counts().equals(ofPeriod));
        assertThat(month.subList(696, 720))
                .as("the day with one every 5 minutes")
                .allMatch(period -> period.counts().enqueued() == 12 * 300_000L);
        Long bytes = redis.sync().memoryUsage("tm:{" + Operation.QUEUE + "}:history");
        assertThat(bytes).isBetween(5_000L, 65_536L);
    }

    @Test
    void what_is_older_than_the_range_is_left_out() {
        HistoryCounts one = HistoryCounts.of(Map.of(Count.ENQUEUED, 1L));
        real.set(Model.START);
        broker.history().add(Operation.QUEUE, one).join();

        real.set(Model.START + Duration.ofHours(25).toMillis());
        assertThat(read(HistoryRange.DAY).total()).isEqualTo(HistoryCounts.NONE);
        assertThat(read(HistoryRange.MONTH).total()).isEqualTo(one);
        real.set(Model.START + Duration.ofDays(31).toMillis());
        assertThat(read(HistoryRange.MONTH).total()).isEqualTo(HistoryCounts.NONE);
    }

    @Test
    void counts_are_kept_when_the_clock_is_set_back() {
        HistoryCounts one = HistoryCounts.of(Map.of(Count.ENQUEUED, 1L));
        for (long minutes : new long[] {0, 20, 3, -10, 21}) {
            real.set(Model.START + Duration.ofMinutes(minutes).toMillis());
            broker.history().add(Operation.QUEUE, one).join();
        }

        assertThat(read(HistoryRange.DAY).total().enqueued()).isEqualTo(5);
        assertThat(read(HistoryRange.MONTH).total().enqueued()).isEqualTo(5);
    }

    private void add(HistoryCounts counts, Duration afterStart) {
        real.set(Model.START + afterStart.toMillis());
        broker.history()
                .add(Operation.QUEUE, counts)
                .orTimeout(20, TimeUnit.SECONDS)
                .join();
    }

    private QueueHistory read(HistoryRange range) {
        return broker.history()
                .history(Operation.QUEUE, range)
                .orTimeout(20, TimeUnit.SECONDS)
                .join();
    }
}
