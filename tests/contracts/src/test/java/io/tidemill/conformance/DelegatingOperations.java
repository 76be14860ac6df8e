package io.tidemill.conformance;

import io.tidemill.broker.Broker;
import io.tidemill.broker.DeleteReply;
import io.tidemill.broker.EraseReply;
import io.tidemill.broker.Inspection;
import io.tidemill.broker.LeaseSnapshot;
import io.tidemill.broker.Operations;
import io.tidemill.broker.PurgeReply;
import io.tidemill.broker.Redrive;
import io.tidemill.broker.RedriveReply;
import io.tidemill.broker.Reschedule;
import io.tidemill.broker.WorkerSnapshot;
import io.tidemill.queue.RescheduleReply;
import io.tidemill.task.JobState;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** A broker that passes on what operators do as well, so that its subclasses each get one thing of it wrong. */
public class DelegatingOperations extends DelegatingBroker implements Operations {

    /** Over this broker. */
    protected DelegatingOperations(Broker broker) {
        super(broker);
    }

    @Override
    public final Operations operations() {
        return this;
    }

    @Override
    public CompletableFuture<Boolean> pause(String queue) {
        return broker.operations().pause(queue);
    }

    @Override
    public CompletableFuture<Boolean> resume(String queue) {
        return broker.operations().resume(queue);
    }

    @Override
    public CompletableFuture<Boolean> isPaused(String queue) {
        return broker.operations().isPaused(queue);
    }

    @Override
    public CompletableFuture<List<RedriveReply>> redrive(String queue, List<Redrive> jobs) {
        return broker.operations().redrive(queue, jobs);
    }

    @Override
    public CompletableFuture<RescheduleReply> reschedule(String queue, Reschedule job) {
        return broker.operations().reschedule(queue, job);
    }

    @Override
    public CompletableFuture<DeleteReply> delete(String queue, String id) {
        return broker.operations().delete(queue, id);
    }

    @Override
    public CompletableFuture<EraseReply> erase(String queue, boolean running) {
        return broker.operations().erase(queue, running);
    }

    @Override
    public CompletableFuture<PurgeReply> purge(String queue, JobState state, int limit) {
        return broker.operations().purge(queue, state, limit);
    }

    @Override
    public CompletableFuture<Optional<Inspection>> inspect(String queue, String id) {
        return broker.operations().inspect(queue, id);
    }

    @Override
    public CompletableFuture<List<LeaseSnapshot>> leases(String queue, int limit) {
        return broker.operations().leases(queue, limit);
    }

    @Override
    public CompletableFuture<Set<String>> queues() {
        return broker.operations().queues();
    }

    @Override
    public CompletableFuture<Boolean> register(String queue, String worker, byte[] info, long ttlMillis) {
        return broker.operations().register(queue, worker, info, ttlMillis);
    }

    @Override
    public CompletableFuture<List<WorkerSnapshot>> workers(String queue) {
        return broker.operations().workers(queue);
    }
}
