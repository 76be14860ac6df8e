package io.tidemill.broker.memory;

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
import io.tidemill.broker.Leases;
import io.tidemill.broker.LimitStore;
import io.tidemill.broker.Lists;
import io.tidemill.broker.LookUp;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.NoteStore;
import io.tidemill.broker.Operations;
import io.tidemill.broker.ProgressStore;
import io.tidemill.broker.ScheduleStore;
import io.tidemill.broker.Subscription;
import io.tidemill.broker.Survey;
import io.tidemill.broker.Sweeps;
import io.tidemill.broker.WorkflowStore;
import io.tidemill.task.BrokerException;
import io.tidemill.text.Names;
import io.tidemill.time.Clock;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps jobs in this process: the default broker, for tests, for development and for work that may be lost with the
 * process. It keeps every promise of the port except that one; {@link MemoryQueue} says what each hop does. Several
 * brokers may share a {@link MemoryStore}, as processes share a server.
 *
 * <p>Thread-safe. Futures are complete when they are returned, and listeners are called on the caller's thread, with no
 * lock held.
 */
public final class MemoryBroker implements Broker {

    private final MemoryStore store;
    private final Set<Subscription> subscriptions = ConcurrentHashMap.newKeySet();
    private final Sweeps sweeps = new MemorySweeps(this);
    private final Lists lists = new MemoryLists(this);
    private final LimitStore limits = new MemoryLimits(this);
    private final CountHistory history = new MemoryHistory(this);
    private final Operations operations = new MemoryOperations(this);
    private final ScheduleStore schedules = new MemorySchedules(this);
    private final WorkflowStore workflows = new MemoryWorkflows(this);
    private volatile boolean closed;

    /** A broker with a store of its own, on the machine's clock. */
    public MemoryBroker() {
        this(Clock.system());
    }

    /** A broker with a store of its own, on this clock. */
    public MemoryBroker(Clock clock) {
        this(new MemoryStore(clock));
    }

    /** A broker on this store, which outlives it. */
    public MemoryBroker(MemoryStore store) {
        this.store = store;
    }

    @Override
    public Set<Ability> abilities() {
        return EnumSet.allOf(Ability.class);
    }

    @Override
    public void open() {
        if (closed) {
            throw refusal();
        }
    }

    @Override
    public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
        checkBatch("jobs", 1, jobs.size());
        return hop(queue, it -> it.intake.enqueue(jobs));
    }

    @Override
    public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest request) {
        checkBatch("claim limit", 1, request.limit());
        return hop(queue, it -> it.claims.claim(request));
    }

    @Override
    public CompletableFuture<CompleteReply> complete(
            String queue, List<Completion.Succeeded> succeeded, @Nullable ClaimRequest next) {
        checkBatch("completions", 0, succeeded.size());
        return hop(queue, it -> it.completions.complete(succeeded, next));
    }

    @Override
    public CompletableFuture<List<CompletionReply>> fail(String queue, List<Completion.Failed> failed) {
        checkBatch("completions", 1, failed.size());
        return hop(queue, it -> it.completions.fail(failed));
    }

    @Override
    public CompletableFuture<List<CompletionReply>> release(String queue, List<Completion.Release> releases) {
        checkBatch("releases", 1, releases.size());
        return hop(queue, it -> it.completions.release(releases));
    }

    @Override
    public Subscription listen(@Nullable String worker, Set<String> queues, BrokerListener listener) {
        if (closed) {
            throw refusal();
        }
        Subscription subscription = store.listeners.add(worker, queues, listener);
        subscriptions.add(subscription);
        return () -> {
            subscriptions.remove(subscription);
            subscription.close();
        };
    }

    @Override
    public Leases leases() {
        return (queue, tokens, leaseMillis) -> {
            checkBatch("tokens", 1, tokens.size());
            return hop(queue, it -> it.claims.extend(tokens, leaseMillis));
        };
    }

    @Override
    public Sweeps sweeps() {
        return sweeps;
    }

    @Override
    public LookUp lookUp() {
        return (queue, id, notify, receipt) -> hop(queue, it -> it.lookUp.find(id, notify, receipt));
    }

    @Override
    public Cancellation cancellation() {
        return (queue, id) -> hop(queue, it -> it.intake.cancel(id));
    }

    @Override
    public Lists lists() {
        return lists;
    }

    @Override
    public LimitStore limits() {
        return limits;
    }

    @Override
    public Operations operations() {
        return operations;
    }

    @Override
    public ScheduleStore schedules() {
        return schedules;
    }

    @Override
    public CountHistory history() {
        return history;
    }

    @Override
    public NoteStore notes() {
        return (queue, note) -> hop(queue, it -> it.completions.note(note));
    }

    @Override
    public ProgressStore progress() {
        return new MemoryProgress(this);
    }

    @Override
    public WorkflowStore workflows() {
        return workflows;
    }

    @Override
    public CommandStore commands() {
        return new MemoryCommands(this);
    }

    /** Refuses every request from now on. Jobs are gone when nobody has the store any more. */
    @Override
    public void close() {
        closed = true;
        subscriptions.forEach(Subscription::close);
    }

    /** What there is to do in these queues; asking about one does not make it one in use. */
    CompletableFuture<List<Survey>> survey(List<String> names) {
        return answer(() -> names.stream().map(store::survey).toList());
    }

    /** How far the wall clock is ahead of the monotonic clock, in ms. */
    long clockLead() {
        return store.clock.millis() - TimeUnit.NANOSECONDS.toMillis(store.clock.nanos());
    }

    /** The queues that are in use; asking about one does not make it so. */
    CompletableFuture<Set<String>> queues() {
        return queues(it -> it.operator.isUsed());
    }

    /** The queues of which this is true; asking about one does not make it one in use. */
    CompletableFuture<Set<String>> queues(Predicate<MemoryQueue> which) {
        return answer(() -> store.queues(which));
    }

    <V extends @Nullable Object> CompletableFuture<V> hop(String queue, Function<MemoryQueue, V> hop) {
        Names.check("queue name", queue);
        return answer(() -> store.hop(queue, hop));
    }

    private <V extends @Nullable Object> CompletableFuture<V> answer(Supplier<V> hop) {
        return closed ? CompletableFuture.failedFuture(refusal()) : CompletableFuture.completedFuture(hop.get());
    }

    private static BrokerException refusal() {
        return new BrokerException(
                BrokerException.Outcome.REFUSED, "the in-memory broker is closed; make a new one to go on", null);
    }

    static void checkBatch(String what, int least, int size) {
        if (size < least || size > MAX_BATCH) {
            throw new IllegalArgumentException(what + " must be " + least + " to " + MAX_BATCH + ", got " + size);
        }
    }
}
