package io.tidemill.broker.memory;

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
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Workflows of a {@link MemoryBroker}; {@link QueueWorkflows} says what each method does. Thread-safe. */
final class MemoryWorkflows implements WorkflowStore {

    private final MemoryBroker broker;

    MemoryWorkflows(MemoryBroker broker) {
        this.broker = broker;
    }

    @Override
    public CompletableFuture<StoreReply> store(String queue, @Nullable WorkflowWrite write, List<WorkflowJob> jobs) {
        checkRange("jobs", write == null ? 1 : 0, jobs.size(), MAX_JOBS);
        return broker.hop(queue, it -> it.workflows.store(write, jobs));
    }

    @Override
    public CompletableFuture<Optional<StoredWorkflow>> find(String home, String id, boolean notify) {
        return broker.hop(home, it -> it.workflows.records().find(id, notify));
    }

    @Override
    public CompletableFuture<Void> end(String home, String workflow, WorkflowEnd end) {
        return broker.hop(home, it -> it.workflows.end(workflow, end));
    }

    @Override
    public CompletableFuture<List<StoredWorkflow>> list(String home, int offset, int limit) {
        checkRange("offset", 0, offset, Integer.MAX_VALUE);
        checkRange("limit", 1, limit, MAX_LISTED);
        return broker.hop(home, it -> it.workflows.records().list(offset, limit));
    }

    @Override
    public CompletableFuture<List<FillReply>> fill(String queue, List<Fill> fills) {
        checkRange("fills", 1, fills.size(), Broker.MAX_BATCH);
        fills.forEach(fill -> checkQueue(queue, fill));
        return broker.hop(queue, it -> it.workflows.fill(fills));
    }

    @Override
    public CompletableFuture<Optional<PlacePage>> places(String queue, String job, int from, int limit) {
        checkRange("from", 0, from, Integer.MAX_VALUE);
        checkRange("limit", 1, limit, Broker.MAX_BATCH);
        return broker.hop(queue, it -> it.workflows.places(job, from, limit));
    }

    @Override
    public CompletableFuture<List<OutboxMessage>> outbox(String queue, int limit) {
        checkRange("limit", 1, limit, Broker.MAX_BATCH);
        return broker.hop(queue, it -> it.workflows.outbox(limit));
    }

    @Override
    public CompletableFuture<Void> delivered(String queue, List<Long> numbers) {
        checkRange("numbers", 1, numbers.size(), Broker.MAX_BATCH);
        return broker.hop(queue, it -> it.workflows.delivered(numbers));
    }

    @Override
    public CompletableFuture<Void> stop(String queue, String workflow, long keepMillis) {
        checkRange("keepMillis", 1, keepMillis, MAX_STOP_MILLIS);
        return broker.hop(queue, it -> it.workflows.stop(workflow, keepMillis));
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
