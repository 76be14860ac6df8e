package io.tidemill.test;

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
import io.tidemill.broker.Sweeps;
import io.tidemill.broker.WorkflowStore;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.broker.memory.MemoryStore;
import io.tidemill.task.BrokerException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The in-memory broker of a {@link TestQueue}. It says which jobs were stored, holds hints back until the clock goes
 * on, so that a job which was just stored waits as long as the test does not let it run, and does the faults that a
 * test asks for.
 *
 * <p>Thread-safe.
 */
final class TestBroker implements Broker, TestClock.Agenda {

    private final TestClock clock;
    private final MemoryStore store;
    private final MemoryBroker jobs;
    private final BiConsumer<String, NewJob> stored;
    private final Set<String> hinted = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean losesReply = new AtomicBoolean();
    /** Jobs whose worker dies before it records how their run ended. */
    private final Set<String> crashing = ConcurrentHashMap.newKeySet();
    /** The leases of workers that are dead. */
    private final Set<String> deadTokens = ConcurrentHashMap.newKeySet();

    /**
     * A broker with an empty store.
     *
     * @param stored gets the queue and each job that was stored
     */
    TestBroker(TestClock clock, BiConsumer<String, NewJob> stored) {
        this.clock = clock;
        this.store = new MemoryStore(clock);
        this.jobs = new MemoryBroker(store);
        this.stored = stored;
    }

    /** The next reply to an enqueue does not arrive. */
    void loseReply() {
        losesReply.set(true);
    }

    /** The worker that runs this job dies before it records how the run ended. */
    void crash(String id) {
        crashing.add(id);
    }

    @Override
    public OptionalLong nextMillis() {
        return store.nextMillis();
    }

    @Override
    public boolean isBehind() {
        List<String> names = List.copyOf(jobs.operations().queues().join());
        return !names.isEmpty()
                && jobs.sweeps().survey(names.subList(0, Math.min(names.size(), Sweeps.MAX_SURVEY))).join().stream()
                        .anyMatch(queue -> queue.due());
    }

    @Override
    public String name() {
        return jobs.name();
    }

    @Override
    public Set<Ability> abilities() {
        return jobs.abilities();
    }

    @Override
    public void open() {
        jobs.open();
    }

    @Override
    public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> added) {
        return jobs.enqueue(queue, added).thenApply(replies -> {
            for (int i = 0; i < added.size(); i++) {
                if (replies.get(i) instanceof EnqueueReply.Accepted) {
                    stored.accept(queue, added.get(i));
                }
            }
            if (losesReply.compareAndSet(true, false)) {
                throw new BrokerException(
                        BrokerException.Outcome.UNKNOWN,
                        "no answer from the broker to enqueue: the test lost it (loseReply)",
                        null);
            }
            return replies;
        });
    }

    @Override
    public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest request) {
        return jobs.claim(queue, request);
    }

    @Override
    public CompletableFuture<CompleteReply> complete(
            String queue, List<Completion.Succeeded> succeeded, @Nullable ClaimRequest next) {
        Set<Completion> dead = ofTheDead(succeeded);
        List<Completion.Succeeded> alive =
                succeeded.stream().filter(each -> !dead.contains(each)).toList();
        return jobs.complete(queue, alive, next)
                .thenApply(reply -> new CompleteReply(withDead(succeeded, dead, reply.settled()), reply.claimed()));
    }

    @Override
    public CompletableFuture<List<CompletionReply>> fail(String queue, List<Completion.Failed> failed) {
        Set<Completion> dead = ofTheDead(failed);
        List<Completion.Failed> alive =
                failed.stream().filter(each -> !dead.contains(each)).toList();
        return (alive.isEmpty()
                        ? CompletableFuture.completedFuture(List.<CompletionReply>of())
                        : jobs.fail(queue, alive))
                .thenApply(replies -> withDead(failed, dead, replies));
    }

    @Override
    public CompletableFuture<List<CompletionReply>> release(String queue, List<Completion.Release> releases) {
        Set<Completion> dead = ofTheDead(releases);
        List<Completion.Release> alive =
                releases.stream().filter(each -> !dead.contains(each)).toList();
        return (alive.isEmpty()
                        ? CompletableFuture.completedFuture(List.<CompletionReply>of())
                        : jobs.release(queue, alive))
                .thenApply(replies -> withDead(releases, dead, replies));
    }

    /** Those that a dead worker would have sent: they never arrive. */
    private Set<Completion> ofTheDead(List<? extends Completion> completions) {
        Set<Completion> dead = new HashSet<>();
        for (Completion each : completions) {
            if (crashing.remove(each.id())) {
                deadTokens.add(each.token());
            }
            if (deadTokens.contains(each.token())) {
                dead.add(each);
            }
        }
        return dead;
    }

    /** This process goes on and must not wait for ever: it learns that it has lost the job. */
    private static List<CompletionReply> withDead(
            List<? extends Completion> all, Set<Completion> dead, List<CompletionReply> replies) {
        List<CompletionReply> whole = new ArrayList<>();
        int next = 0;
        for (Completion each : all) {
            whole.add(dead.contains(each) ? CompletionReply.STALE : replies.get(next++));
        }
        return whole;
    }

    @Override
    public Subscription listen(@Nullable String worker, Set<String> queues, BrokerListener listener) {
        return jobs.listen(worker, queues, new Later(listener));
    }

    @Override
    public Leases leases() {
        return (queue, tokens, leaseMillis) -> {
            List<String> alive =
                    tokens.stream().filter(token -> !deadTokens.contains(token)).toList();
            return (alive.isEmpty()
                            ? CompletableFuture.completedFuture(List.<ExtendReply>of())
                            : jobs.leases().extend(queue, alive, leaseMillis))
                    .thenApply(replies -> {
                        List<ExtendReply> whole = new ArrayList<>();
                        int next = 0;
                        for (String token : tokens) {
                            whole.add(deadTokens.contains(token) ? ExtendReply.ENDED : replies.get(next++));
                        }
                        return whole;
                    });
        };
    }

    @Override
    public Sweeps sweeps() {
        return jobs.sweeps();
    }

    @Override
    public LookUp lookUp() {
        return jobs.lookUp();
    }

    @Override
    public Cancellation cancellation() {
        return jobs.cancellation();
    }

    @Override
    public Lists lists() {
        return jobs.lists();
    }

    @Override
    public LimitStore limits() {
        return jobs.limits();
    }

    @Override
    public Operations operations() {
        return jobs.operations();
    }

    @Override
    public ScheduleStore schedules() {
        return jobs.schedules();
    }

    @Override
    public WorkflowStore workflows() {
        return jobs.workflows();
    }

    @Override
    public CountHistory history() {
        return jobs.history();
    }

    @Override
    public CommandStore commands() {
        return jobs.commands();
    }

    @Override
    public ProgressStore progress() {
        return jobs.progress();
    }

    @Override
    public NoteStore notes() {
        return jobs.notes();
    }

    @Override
    public void close() {
        jobs.close();
    }

    /** Takes no offer of jobs that are just being stored, and hears of them when the clock goes on. */
    private final class Later implements BrokerListener {

        private final BrokerListener listener;

        Later(BrokerListener listener) {
            this.listener = listener;
        }

        @Override
        public void ready(String queue) {
            if (hinted.add(queue)) {
                clock.later(() -> {
                    hinted.remove(queue);
                    listener.ready(queue);
                });
            }
        }

        @Override
        public void finished(String queue, String id) {
            listener.finished(queue, id);
        }

        @Override
        public void cancelRequested(String queue, String id) {
            listener.cancelRequested(queue, id);
        }

        @Override
        public void commanded(String queue) {
            listener.commanded(queue);
        }
    }
}
