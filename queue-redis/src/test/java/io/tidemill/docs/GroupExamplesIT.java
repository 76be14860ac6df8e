package io.tidemill.docs;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.TaskQueue;
import io.tidemill.queue.Limit;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.Limits;
import io.tidemill.redis.RedisBroker;
import io.tidemill.redis.RedisOptions;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Runs the Java of docs/guide-groups.md, whose text {@link DocumentsTest} compares. */
class GroupExamplesIT {

    private final StatementTasks tasks = new StatementTasks();

    @Test
    void groups() throws Exception {
        try (TaskQueue queue = TaskQueue.builder().tasks(tasks).start()) {
            // region: group-call
            queue.enqueue(call(StatementTasks::writeStatement, 42L, "2026-11").group("nightly"));
            // endregion
            assertThat(queue.enqueue(StatementTasks::writeStatement, 7L, "2026-11")
                            .await(Duration.ofSeconds(20)))
                    .isNull();
        }
    }

    @Test
    void inOrder() {
        try (TaskQueue queue =
                // region: in-order
                TaskQueue.builder()
                        .tasks(tasks)
                        .limit("ledger", Limit.inOrder())
                        .groupLimit("statements", Limit.inOrder())
                        // endregion
                        .start()) {
            assertThat(queue.admin().limits("statements").of("customer:7").isInOrder())
                    .isTrue();
            assertThat(queue.admin().limits("ledger").queue().isInOrder()).isTrue();
        }
    }

    @Test
    void limits() {
        RedisOptions options = RedisOptions.defaults().withPrefix("guide-groups");
        try (TaskQueue queue =
                // region: limits
                TaskQueue.builder()
                        .broker(RedisBroker.connect(Docs.REDIS, options))
                        .tasks(tasks)
                        .limit(
                                "statements",
                                Limit.rate(100, Duration.ofSeconds(1)).burst(20),
                                Limit.concurrency(50))
                        .groupLimit("statements", Limit.concurrency(1))
                        .groupLimit("statements", "nightly", Limit.concurrency(8))
                        // endregion
                        .start()) {
            assertThat(queue.admin().limits("statements").of("customer:7"))
                    .isEqualTo(new Limits(null, Limit.concurrency(1)));
            // region: limits-at-run-time
            queue.admin().limit("statements", LimitScope.QUEUE, Limit.concurrency(10));
            queue.admin().limit("statements", LimitScope.group("customer:42"), Limit.rate(1, Duration.ofMinutes(1)));
            queue.admin().unlimit("statements", LimitScope.group("customer:42"));
            // endregion
            assertThat(queue.admin().limits("statements").queue()).isEqualTo(new Limits(null, Limit.concurrency(10)));
            assertThat(queue.admin().limits("statements").overrides()).containsOnlyKeys("nightly");
        }
    }
}
