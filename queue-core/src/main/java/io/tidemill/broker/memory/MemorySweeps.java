package io.tidemill.broker.memory;

import io.tidemill.broker.JobBrief;
import io.tidemill.broker.RecoverReply;
import io.tidemill.broker.Survey;
import io.tidemill.broker.Sweeps;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The slow work on the queues of a {@link MemoryBroker}; {@link MemoryQueue} says what each does. Thread-safe. */
final class MemorySweeps implements Sweeps {

    private final MemoryBroker broker;

    MemorySweeps(MemoryBroker broker) {
        this.broker = broker;
    }

    @Override
    public CompletableFuture<List<Survey>> survey(List<String> queues) {
        if (queues.isEmpty() || queues.size() > MAX_SURVEY) {
            throw new IllegalArgumentException("queues must be 1 to " + MAX_SURVEY + ", got " + queues.size());
        }
        return broker.survey(queues);
    }

    @Override
    public CompletableFuture<Integer> promote(String queue, int limit) {
        MemoryBroker.checkBatch("limit", 1, limit);
        return broker.hop(queue, it -> it.sweeper.promote(limit));
    }

    @Override
    public CompletableFuture<RecoverReply> recover(String queue, int limit, int maxLostLeases, byte[] failure) {
        MemoryBroker.checkBatch("limit", 1, limit);
        return broker.hop(queue, it -> it.sweeper.recover(limit, maxLostLeases, failure));
    }

    @Override
    public CompletableFuture<List<JobBrief>> expire(String queue, int limit) {
        MemoryBroker.checkBatch("limit", 1, limit);
        return broker.hop(queue, it -> it.sweeper.expire(limit));
    }

    @Override
    public CompletableFuture<Integer> trim(String queue, long keep, long maxAgeMillis, int limit) {
        MemoryBroker.checkBatch("limit", 1, limit);
        return broker.hop(queue, it -> it.operator.trim(keep, maxAgeMillis, limit));
    }

    @Override
    public long clockLead(String queue) {
        return broker.clockLead();
    }
}
