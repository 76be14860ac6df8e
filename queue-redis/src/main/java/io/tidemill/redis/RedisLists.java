package io.tidemill.redis;

import io.tidemill.broker.JobScan;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.Lists;
import io.tidemill.queue.QueueCounts;
import io.tidemill.task.JobState;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Counts and lists jobs of a {@link RedisBroker}; checks arguments and finds the queue. Thread-safe. */
final class RedisLists implements Lists {

    private static final Set<JobState> LISTED = EnumSet.of(
            JobState.READY, JobState.SCHEDULED, JobState.WAITING, JobState.ACTIVE, JobState.DEAD, JobState.SUCCEEDED);

    private final Function<String, RedisQueue> queues;

    RedisLists(Function<String, RedisQueue> queues) {
        this.queues = queues;
    }

    @Override
    public CompletableFuture<QueueCounts> counts(String queue) {
        return queues.apply(queue).counts();
    }

    @Override
    public CompletableFuture<List<JobSnapshot>> list(String queue, JobState state, int offset, int limit) {
        if (!LISTED.contains(state) || offset < 0) {
            throw new IllegalArgumentException(
                    "list takes " + LISTED + " and an offset of 0 or more, got " + state + " and " + offset);
        }
        RedisBroker.checkSize("limit", 1, limit);
        return queues.apply(queue).list(state, offset, limit);
    }

    @Override
    public CompletableFuture<JobScan> scan(String queue, @Nullable String from, int limit) {
        RedisBroker.checkSize("limit", 1, limit);
        return queues.apply(queue).scan(from, limit);
    }
}
