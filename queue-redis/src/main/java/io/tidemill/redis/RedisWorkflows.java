package io.tidemill.redis;

import io.lettuce.core.api.StatefulConnection;
import io.tidemill.async.PerQueue;
import io.tidemill.broker.Broker;
import io.tidemill.broker.Fill;
import io.tidemill.broker.FillReply;
import io.tidemill.broker.OutboxMessage;
import io.tidemill.broker.PlacePage;
import io.tidemill.broker.StoreReply;
import io.tidemill.broker.StoredWorkflow;
import io.tidemill.broker.WorkflowEnd;
import io.tidemill.broker.WorkflowJob;
import io.tidemill.broker.WorkflowStore;
import io.tidemill.broker.WorkflowWrite;
import io.tidemill.redis.keys.Keyspace;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The workflows in the queues of a {@link RedisBroker}; checks arguments and finds the queue. Thread-safe. */
final class RedisWorkflows implements WorkflowStore {

    private final Function<String, Keyspace> keys;
    private final String broker;
    private final Requests requests;
    private final Connector<StatefulConnection<byte[], byte[]>> commands;
    private final RedisOperations operations;
    private final Wakeups wakeups;
    private final PerQueue<QueueWorkflows> queues = new PerQueue<>(this::newQueue, QueueWorkflows::isIdle);
    private final AtomicLong made = new AtomicLong();

    RedisWorkflows(
            Function<String, Keyspace> keys,
            String broker,
            Requests requests,
            Connector<StatefulConnection<byte[], byte[]>> commands,
            RedisOperations operations,
            Wakeups wakeups) {
        this.keys = keys;
        this.broker = broker;
        this.requests = requests;
        this.commands = commands;
        this.operations = operations;
        this.wakeups = wakeups;
    }

    @Override
    public CompletableFuture<StoreReply> store(String queue, @Nullable WorkflowWrite write, List<WorkflowJob> jobs) {
        checkRange("jobs", write == null ? 1 : 0, jobs.size(), MAX_JOBS);
        operations.noteUse(queue);
        return queues.of(queue).store(write, jobs);
    }

    @Override
    public CompletableFuture<Optional<StoredWorkflow>> find(String home, String id, boolean notify) {
        return queues.of(home).find(id, notify);
    }

    @Override
    public CompletableFuture<Void> end(String home, String workflow, WorkflowEnd end) {
        return queues.of(home).end(workflow, end);
    }

    @Override
    public CompletableFuture<List<StoredWorkflow>> list(String home, int offset, int limit) {
        checkRange("offset", 0, offset, Integer.MAX_VALUE);
        checkRange("limit", 1, limit, MAX_LISTED);
        return queues.of(home).list(offset, limit);
    }

    @Override
    public CompletableFuture<List<FillReply>> fill(String queue, List<Fill> fills) {
        checkRange("fills", 1, fills.size(), Broker.MAX_BATCH);
        fills.forEach(fill -> checkQueue(queue, fill));
        return queues.of(queue).fill(fills);
    }

    @Override
    public CompletableFuture<Optional<PlacePage>> places(String queue, String job, int from, int limit) {
        checkRange("from", 0, from, Integer.MAX_VALUE);
        checkRange("limit", 1, limit, Broker.MAX_BATCH);
        return queues.of(queue).places(job, from, limit);
    }

    @Override
    public CompletableFuture<List<OutboxMessage>> outbox(String queue, int limit) {
        checkRange("limit", 1, limit, Broker.MAX_BATCH);
        return queues.of(queue).outbox(limit);
    }

    @Override
    public CompletableFuture<Void> delivered(String queue, List<Long> numbers) {
        checkRange("numbers", 1, numbers.size(), Broker.MAX_BATCH);
        return queues.of(queue).delivered(numbers);
    }

    @Override
    public CompletableFuture<Void> stop(String queue, String workflow, long keepMillis) {
        checkRange("keepMillis", 1, keepMillis, MAX_STOP_MILLIS);
        return queues.of(queue).stop(workflow, keepMillis);
    }

    /** Each numbers its requests from 1, so what scripts remember of one that was forgotten must not be its own. */
    private QueueWorkflows newQueue(String queue) {
        String caller = broker + "." + made.incrementAndGet();
        return new QueueWorkflows(keys.apply(queue), caller, requests, commands, wakeups);
    }

    private static void checkQueue(String queue, Fill fill) {
        if (!fill.queue().equals(queue)) {
            throw new IllegalArgumentException("a fill of job " + fill.job() + " is for queue " + fill.queue()
                    + ", and was given to queue " + queue);
        }
    }

    private static void checkRange(String what, long least, long value, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + " must be " + least + " to " + most + ", got " + value);
        }
    }
}
