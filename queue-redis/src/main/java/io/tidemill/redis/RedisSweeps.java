package io.tidemill.redis;

import io.tidemill.broker.JobBrief;
import io.tidemill.broker.RecoverReply;
import io.tidemill.broker.Survey;
import io.tidemill.broker.Sweeps;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** The slow work on the queues of a {@link RedisBroker}; checks arguments and finds the queue. Thread-safe. */
final class RedisSweeps implements Sweeps {

    private final Function<String, RedisQueue> queues;
    private final Surveyor surveyor;
    private final RedisOperations operations;
    private final Requests requests;

    RedisSweeps(Function<String, RedisQueue> queues, Surveyor surveyor, RedisOperations operations, Requests requests) {
        this.queues = queues;
        this.surveyor = surveyor;
        this.operations = operations;
        this.requests = requests;
    }

    /** One request: the keys of these queues lie in one place, on one server. */
    @Override
    public CompletableFuture<List<Survey>> survey(List<String> names) {
        if (names.isEmpty() || names.size() > MAX_SURVEY) {
            throw new IllegalArgumentException("queues must be 1 to " + MAX_SURVEY + ", got " + names.size());
        }
        return surveyor.survey(names);
    }

    @Override
    public CompletableFuture<Integer> promote(String queue, int limit) {
        RedisBroker.checkSize("limit", 1, limit);
        return queues.apply(queue).promote(limit);
    }

    @Override
    public CompletableFuture<RecoverReply> recover(String queue, int limit, int maxLostLeases, byte[] failure) {
        RedisBroker.checkSize("limit", 1, limit);
        return queues.apply(queue).recover(limit, maxLostLeases, failure);
    }

    @Override
    public CompletableFuture<List<JobBrief>> expire(String queue, int limit) {
        RedisBroker.checkSize("limit", 1, limit);
        return queues.apply(queue).expire(limit);
    }

    @Override
    public CompletableFuture<Integer> trim(String queue, long keep, long maxAgeMillis, int limit) {
        RedisBroker.checkSize("limit", 1, limit);
        return operations.trim(queue, keep, maxAgeMillis, limit);
    }

    @Override
    public long clockLead(String queue) {
        return requests.clock(queue).lead();
    }
}
