package io.tidemill.redis;

import io.lettuce.core.api.StatefulRedisConnection;
import io.tidemill.broker.DeleteReply;
import io.tidemill.broker.Operations;
import io.tidemill.broker.PurgeReply;
import io.tidemill.broker.Redrive;
import io.tidemill.broker.RedriveReply;
import io.tidemill.redis.keys.Keyspace;
import io.tidemill.task.JobState;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** Operations on the queues of a {@link RedisBroker}; checks arguments and finds the queue. */
final class RedisOperations implements Operations {

    private static final Set<JobState> PURGED = EnumSet.of(JobState.READY, JobState.SCHEDULED, JobState.DEAD);

    private final RedisOptions options;
    private final String broker;
    private final Requests requests;
    private final Connector<StatefulRedisConnection<byte[], byte[]>> commands;
    private final Map<String, QueueOperator> operators = new ConcurrentHashMap<>();

    RedisOperations(
            RedisOptions options,
            String broker,
            Requests requests,
            Connector<StatefulRedisConnection<byte[], byte[]>> commands) {
        this.options = options;
        this.broker = broker;
        this.requests = requests;
        this.commands = commands;
    }

    @Override
    public CompletableFuture<Boolean> pause(String queue) {
        return operator(queue).pause("1").thenApply(wasPaused -> !wasPaused);
    }

    @Override
    public CompletableFuture<Boolean> resume(String queue) {
        return operator(queue).pause("0");
    }

    @Override
    public CompletableFuture<Boolean> isPaused(String queue) {
        return operator(queue).pause("");
    }

    @Override
    public CompletableFuture<List<RedriveReply>> redrive(String queue, List<Redrive> jobs) {
        RedisBroker.checkSize("jobs", 1, jobs.size());
        return operator(queue).redrive(jobs);
    }

    @Override
    public CompletableFuture<DeleteReply> delete(String queue, String id) {
        return operator(queue).delete(id);
    }

    @Override
    public CompletableFuture<PurgeReply> purge(String queue, JobState state, int limit) {
        if (!PURGED.contains(state)) {
            throw new IllegalArgumentException("jobs can be purged that are READY, SCHEDULED or DEAD, got " + state);
        }
        RedisBroker.checkSize("limit", 1, limit);
        return operator(queue).purge(state, limit);
    }

    @Override
    public CompletableFuture<Integer> trim(String queue, long keep, long maxAgeMillis, int limit) {
        RedisBroker.checkSize("limit", 1, limit);
        return operator(queue).trim(keep, maxAgeMillis, limit);
    }

    private QueueOperator operator(String queue) {
        return operators.computeIfAbsent(
                queue, name -> new QueueOperator(new Keyspace(options.prefix(), name), broker, requests, commands));
    }
}
