package io.tidemill.conformance;

import io.tidemill.broker.Ability;
import io.tidemill.broker.Broker;
import io.tidemill.broker.BrokerListener;
import io.tidemill.broker.Cancellation;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.CommandStore;
import io.tidemill.broker.CompleteReply;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.broker.CountHistory;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.ExtendReply;
import io.tidemill.broker.JobBrief;
import io.tidemill.broker.JobScan;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.Leases;
import io.tidemill.broker.LimitStore;
import io.tidemill.broker.Lists;
import io.tidemill.broker.LookUp;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.NoteStore;
import io.tidemill.broker.Operations;
import io.tidemill.broker.ProgressStore;
import io.tidemill.broker.RecoverReply;
import io.tidemill.broker.ScheduleStore;
import io.tidemill.broker.Subscription;
import io.tidemill.broker.Survey;
import io.tidemill.broker.Sweeps;
import io.tidemill.broker.WorkflowStore;
import io.tidemill.event.Probe;
import io.tidemill.queue.CancelReply;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.Limits;
import io.tidemill.queue.QueueCounts;
import io.tidemill.queue.QueueLimits;
import io.tidemill.task.JobState;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Passes everything on; its subclasses each get one thing wrong, of the core or of an ability. */
public class DelegatingBroker implements Broker, Leases, Sweeps, LookUp, Cancellation, Lists, LimitStore {

    protected final Broker broker;

    public DelegatingBroker(Broker broker) {
        this.broker = broker;
    }

    @Override
    public String name() {
        return broker.name();
    }

    @Override
    public Set<Ability> abilities() {
        return broker.abilities();
    }

    @Override
    public void measure(Probe probe) {
        broker.measure(probe);
    }

    @Override
    public void open() {
        broker.open();
    }

    @Override
    public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
        return broker.enqueue(queue, jobs);
    }

    @Override
    public void check(String queue, NewJob job) {
        broker.check(queue, job);
    }

    @Override
    public int cost(NewJob job) {
        return broker.cost(job);
    }

    @Override
    public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest request) {
        return broker.claim(queue, request);
    }

    @Override
    public CompletableFuture<CompleteReply> complete(
            String queue, List<Completion.Succeeded> succeeded, ClaimRequest next) {
        return broker.complete(queue, succeeded, next);
    }

    @Override
    public CompletableFuture<List<CompletionReply>> fail(String queue, List<Completion.Failed> failed) {
        return broker.fail(queue, failed);
    }

    @Override
    public CompletableFuture<List<CompletionReply>> release(String queue, List<Completion.Release> releases) {
        return broker.release(queue, releases);
    }

    @Override
    public CompletableFuture<List<ExtendReply>> extend(String queue, List<String> tokens, long leaseMillis) {
        return broker.leases().extend(queue, tokens, leaseMillis);
    }

    @Override
    public CompletableFuture<Integer> promote(String queue, int limit) {
        return broker.sweeps().promote(queue, limit);
    }

    @Override
    public CompletableFuture<RecoverReply> recover(String queue, int limit, int maxLostLeases, byte[] failure) {
        return broker.sweeps().recover(queue, limit, maxLostLeases, failure);
    }

    @Override
    public CompletableFuture<List<JobBrief>> expire(String queue, int limit) {
        return broker.sweeps().expire(queue, limit);
    }

    @Override
    public CompletableFuture<List<Survey>> survey(List<String> queues) {
        return broker.sweeps().survey(queues);
    }

    @Override
    public CompletableFuture<CancelReply> cancel(String queue, String id) {
        return broker.cancellation().cancel(queue, id);
    }

    @Override
    public CompletableFuture<Optional<JobSnapshot>> find(
            String queue, String id, boolean notify, @Nullable String receipt) {
        return broker.lookUp().find(queue, id, notify, receipt);
    }

    @Override
    public CompletableFuture<QueueCounts> counts(String queue) {
        return broker.lists().counts(queue);
    }

    @Override
    public CompletableFuture<List<JobSnapshot>> list(String queue, JobState state, int offset, int limit) {
        return broker.lists().list(queue, state, offset, limit);
    }

    @Override
    public CompletableFuture<JobScan> scan(String queue, String from, int limit) {
        return broker.lists().scan(queue, from, limit);
    }

    @Override
    public CompletableFuture<Void> limit(String queue, LimitScope scope, Limits limits) {
        return broker.limits().limit(queue, scope, limits);
    }

    @Override
    public long clockLead(String queue) {
        return broker.sweeps().clockLead(queue);
    }

    @Override
    public CompletableFuture<QueueLimits> limits(String queue) {
        return broker.limits().limits(queue);
    }

    @Override
    public Subscription listen(String worker, Set<String> queues, BrokerListener listener) {
        return broker.listen(worker, queues, listener);
    }

    @Override
    public CompletableFuture<Integer> trim(String queue, long keep, long maxAgeMillis, int limit) {
        return broker.sweeps().trim(queue, keep, maxAgeMillis, limit);
    }

    @Override
    public Leases leases() {
        return this;
    }

    @Override
    public Sweeps sweeps() {
        return this;
    }

    @Override
    public LookUp lookUp() {
        return this;
    }

    @Override
    public Cancellation cancellation() {
        return this;
    }

    @Override
    public Lists lists() {
        return this;
    }

    @Override
    public LimitStore limits() {
        return this;
    }

    @Override
    public CountHistory history() {
        return broker.history();
    }

    @Override
    public Operations operations() {
        return broker.operations();
    }

    @Override
    public ScheduleStore schedules() {
        return broker.schedules();
    }

    @Override
    public CommandStore commands() {
        return broker.commands();
    }

    @Override
    public ProgressStore progress() {
        return broker.progress();
    }

    @Override
    public NoteStore notes() {
        return broker.notes();
    }

    @Override
    public WorkflowStore workflows() {
        return broker.workflows();
    }

    @Override
    public void close() {
        broker.close();
    }
}
