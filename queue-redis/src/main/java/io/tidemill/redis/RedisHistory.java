package io.tidemill.redis;

import io.tidemill.broker.CountHistory;
import io.tidemill.queue.HistoryCounts;
import io.tidemill.queue.HistoryRange;
import io.tidemill.queue.QueueHistory;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Keeps what happened in the queues of a {@link RedisBroker}. Thread-safe. */
final class RedisHistory implements CountHistory {

    private final Function<String, RedisQueue> queues;

    RedisHistory(Function<String, RedisQueue> queues) {
        this.queues = queues;
    }

    @Override
    public CompletableFuture<Void> add(String queue, HistoryCounts counts) {
        return queues.apply(queue).add(counts);
    }

    @Override
    public CompletableFuture<QueueHistory> history(String queue, HistoryRange range) {
        return queues.apply(queue).history(range);
    }
}
