package io.tidemill.broker.memory;

import io.tidemill.broker.CountHistory;
import io.tidemill.queue.HistoryCounts;
import io.tidemill.queue.HistoryRange;
import io.tidemill.queue.QueueHistory;
import java.util.concurrent.CompletableFuture;

/** Keeps what happened in the queues of a {@link MemoryBroker}. Thread-safe. */
final class MemoryHistory implements CountHistory {

    private final MemoryBroker broker;

    MemoryHistory(MemoryBroker broker) {
        this.broker = broker;
    }

    @Override
    public CompletableFuture<Void> add(String queue, HistoryCounts counts) {
        return broker.hop(queue, it -> {
            it.history.add(counts, it.now);
            return null;
        });
    }

    @Override
    public CompletableFuture<QueueHistory> history(String queue, HistoryRange range) {
        return broker.hop(queue, it -> it.history.read(range, it.now));
    }
}
