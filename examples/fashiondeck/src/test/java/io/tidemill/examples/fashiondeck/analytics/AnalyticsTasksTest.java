package io.tidemill.examples.fashiondeck.analytics;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.api.StatefulRedisConnection;
import io.tidemill.broker.RedriveReply;
import io.tidemill.client.TaskRef;
import io.tidemill.examples.fashiondeck.TestRedis;
import io.tidemill.examples.fashiondeck.analytics.Insights.WordCount;
import io.tidemill.schedule.Scheduler;
import io.tidemill.schedule.Tick;
import io.tidemill.task.JobState;
import io.tidemill.test.EnqueuedJob;
import io.tidemill.test.TestQueue;
import io.tidemill.test.TestRun;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnalyticsTasksTest {

    private static final LocalDate DAY = LocalDate.of(2026, 5, 4);
    /** Midnight in Kolkata, where the day ends. */
    private static final Instant MIDNIGHT = Instant.parse("2026-05-04T18:30:00Z");

    private static final Insights EXPECTED = new Insights(
            "2026-05-04",
            3,
            2,
            1,
            List.of("zzqx"),
            List.of(new WordCount("dress", 2), new WordCount("red", 2), new WordCount("zzqx", 1)),
            200);

    private final StatefulRedisConnection<String, String> redis = TestRedis.empty();
    private final QueryLog log = new QueryLog(redis, Clock.fixed(MIDNIGHT.minusMillis(1), QueryLog.ZONE));
    private final AnalyticsTasks tasks = new AnalyticsTasks(redis, log);

    @Test
    void sumsUpTheDayThatEnds() throws Exception {
        searches();
        new QueryLog(redis, Clock.fixed(MIDNIGHT, QueryLog.ZONE)).add(new QueryRecord("next day", 1, false, 1));
        try (TestQueue queue = TestQueue.of(tasks)) {
            TestRun<Insights> run = queue.run(call(AnalyticsTasks::processQueryLog, tick()));

            assertThat(run.result()).isEqualTo(EXPECTED);
        }
        assertThat(tasks.insights(DAY)).contains(EXPECTED);
        assertThat(tasks.insights(DAY.plusDays(1))).isEmpty();
    }

    @Test
    void hasOneAttemptAndRunsAgainWhenSomebodyLetsIt() throws Exception {
        searches();
        redis.sync().rpush(QueryLog.key(DAY), "{\"query\":");
        try (TestQueue queue = TestQueue.of(tasks)) {
            TestRun<Insights> run = queue.run(call(AnalyticsTasks::processQueryLog, tick()));
            assertThat(run.state()).isEqualTo(JobState.DEAD);
            assertThat(run.attempts()).hasSize(1);
            assertThat(run.failure().message()).contains("line 4 of fashiondeck:queries:2026-05-04 cannot be read");
            queue.advance(Duration.ofDays(1));
            assertThat(run.job().state()).contains(JobState.DEAD);

            redis.sync().rpop(QueryLog.key(DAY));
            assertThat(queue.admin().redrive(AnalyticsTasks.QUEUE, run.job().id()))
                    .isEqualTo(RedriveReply.REDRIVEN);
            queue.runUntilIdle();

            assertThat(run.job().result()).contains(EXPECTED);
        }
    }

    @Test
    void runsAtMidnightForTheDayBeforeInTheZoneOfFashionDeck() throws Exception {
        searches();
        TestQueue started = TestQueue.builder()
                .tasks(tasks)
                .configure(it -> it.install(Scheduler.create().schedule(AnalyticsTasks.nightly())))
                .startAt(MIDNIGHT.minus(Duration.ofHours(2)))
                .start();
        try (TestQueue queue = started) {
            queue.advance(Duration.ofHours(2).minusMillis(1));
            assertThat(queue.enqueued()).isEmpty();

            queue.advance(Duration.ofHours(25));

            assertThat(queue.enqueued(TaskRef.task(AnalyticsTasks::processQueryLog)))
                    .extracting(EnqueuedJob::id)
                    .containsExactly("analytics@2026-05-04T18:30:00Z", "analytics@2026-05-05T18:30:00Z");
            assertThat(tasks.insights(DAY)).contains(EXPECTED);
            assertThat(tasks.insights(DAY.plusDays(1)).orElseThrow().searches()).isZero();
        }
    }

    private void searches() {
        log.add(new QueryRecord("red dress", 4, false, 500));
        log.add(new QueryRecord("red dress", 4, true, 50));
        log.add(new QueryRecord("zzqx", 0, false, 50));
    }

    private static Tick tick() {
        return new Tick("by hand", MIDNIGHT, null);
    }
}
