package io.tidemill.send;

import io.tidemill.async.Answers;
import io.tidemill.async.Safely;
import io.tidemill.broker.Ability;
import io.tidemill.broker.Broker;
import io.tidemill.broker.BrokerListener;
import io.tidemill.broker.JobOutcome;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.ProgressReader;
import io.tidemill.broker.ResultBackend;
import io.tidemill.broker.StoredWorkflow;
import io.tidemill.broker.Subscription;
import io.tidemill.client.UnknownJobException;
import io.tidemill.lifecycle.Loop;
import io.tidemill.lifecycle.LoopService;
import io.tidemill.lifecycle.ThreadlessClock;
import io.tidemill.observe.AwaitingRuns;
import io.tidemill.queue.CancelReply;
import io.tidemill.queue.JobProgress;
import io.tidemill.record.Payloads;
import io.tidemill.record.Progress;
import io.tidemill.record.ReportedProgress;
import io.tidemill.task.BrokerException;
import io.tidemill.task.JobState;
import io.tidemill.time.Alarm;
import io.tidemill.time.Clock;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Waits for jobs to end, wherever they run. The broker is asked once, and asked to publish the end. After that a hint
 * from the broker or from this process brings the next look. Hints can be lost, so each waiting job is also looked at
 * after 1 s, then 2 s, and so on up to every 10 s; where more than 10,000 are awaited, 1,000 of them each second.
 *
 * <p>Thread-safe. Answers are given on the executor. Long, because all ways to wait for a job end here.
 */
public final class Awaiter implements LoopService {

    private static final long FIRST_LOOK_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long LAST_LOOK_NANOS = Duration.ofSeconds(10).toNanos();
    /** Jobs that are looked at at the same time; a broker has room for a limited number of requests. */
    private static final int MAX_LOOKS = 1_000;
    /** Where more than 10,000 jobs are awaited each is looked at more rarely: this long for each of them. */
    private static final long SPACING_NANOS = Duration.ofMillis(1).toNanos();

    /**
     * What is waited for.
     *
     * @param isWorkflow whether it is a workflow of this home queue, and no job
     */
    private record Key(String queue, String id, boolean isWorkflow) {

        Key(String queue, String id) {
            this(queue, id, false);
        }
    }

    /** A job that somebody waits for. */
    private static final class Waiting {

        final CompletableFuture<Optional<JobSnapshot>> ended = new CompletableFuture<>();
        /** How many callers wait. The last one that gives up ends the waiting. */
        int callers;

        /** Of a caller that knows when the job was stored; null if none does. Any of them is true for all. */
        volatile @Nullable String receipt;

        final AtomicBoolean isNew = new AtomicBoolean(true);
        /** Whether a look at it waits for its turn. That one sees what a second would see. */
        final AtomicBoolean isToBeSeen = new AtomicBoolean();

        volatile long nextLookNanos;
        volatile long pauseNanos = FIRST_LOOK_NANOS;
    }

    private final Broker broker;
    private final @Nullable ResultBackend results;
    private final Payloads payloads;
    private final OutcomeReader outcomes;
    private final Clock clock;
    private final Executor executor;
    private final Loop loop;
    private final Looks<Optional<JobSnapshot>> looks = new Looks<>(MAX_LOOKS);
    private volatile AwaitGuard guard;
    private volatile boolean stopped;
    private final Map<Key, Waiting> waiting = new ConcurrentHashMap<>();
    private final Map<String, Subscription> subscriptions = new ConcurrentHashMap<>();

    /**
     * An awaiter.
     *
     * @param results where results are kept; null for beside the jobs
     * @param executor where answers are given and results are read
     */
    public Awaiter(Broker broker, @Nullable ResultBackend results, Payloads payloads, Clock clock, Executor executor) {
        this.broker = broker;
        this.results = results;
        this.payloads = payloads;
        this.outcomes = new OutcomeReader(payloads);
        this.clock = clock;
        this.executor = executor;
        this.guard = new AwaitGuard(broker, null);
        this.loop = new Loop("tidemill-await", clock, this::lookAtAll);
    }

    /** From now on runs that wait are looked at and counted here. */
    public void guard(AwaitingRuns runs) {
        guard = new AwaitGuard(broker, runs);
    }

    AwaitGuard guard() {
        return guard;
    }

    /** The thread that looks again. */
    @Override
    public Loop loop() {
        return loop;
    }

    /** Stops waiting; every job still waited for fails with an {@link IllegalStateException}. */
    @Override
    public void stop() {
        stopped = true;
        loop.stop();
        subscriptions.keySet().forEach(this::unsubscribe);
        // Whoever comes after this loop has passed finds it stopped.
        waiting.forEach(this::endUnknown);
    }

    private void endUnknown(Key key, Waiting each) {
        waiting.remove(key, each);
        each.ended.completeExceptionally(closed());
    }

    private static IllegalStateException closed() {
        return new IllegalStateException("the TaskQueue was closed");
    }

    /** Something in this process knows that the job ended: look at once instead of waiting for a hint. */
    public void hint(String queue, String id) {
        hint(new Key(queue, id));
        hint(new Key(queue, id, true));
    }

    private void hint(Key key) {
        Waiting found = waiting.get(key);
        if (found != null) {
            look(key, found);
        }
    }

    /**
     * The outcome of the job, read as a value of this type. A caller that cancels it, or lets it time out, waits no
     * longer.
     *
     * @param receipt of the job's being stored, by which the broker may know that it ended well although nothing of it
     *     is kept; null if its task keeps a result, or if another stored it
     */
    CompletableFuture<@Nullable Object> result(String queue, String id, Type type, @Nullable String receipt) {
        Key key = new Key(queue, id);
        CompletableFuture<Optional<JobSnapshot>> ended = ended(key, receipt);
        CompletableFuture<@Nullable Object> answer =
                ended.thenComposeAsync(snapshot -> value(queue, id, type, snapshot), executor);
        answer.whenComplete((value, failure) -> giveUp(key, ended));
        return answer;
    }

    /** One caller waits no longer. Nothing is left to do if the end has come. */
    private void giveUp(Key key, CompletableFuture<?> ended) {
        waiting.computeIfPresent(key, (k, each) -> each.ended == ended && --each.callers == 0 ? null : each);
    }

    /**
     * Completes when a workflow has ended; empty if it is not known. How it ended is in its record. A caller that
     * cancels it waits no longer.
     */
    public CompletableFuture<Optional<JobSnapshot>> workflow(String home, String id) {
        Key key = new Key(home, id, true);
        CompletableFuture<Optional<JobSnapshot>> ended = ended(key, null);
        CompletableFuture<Optional<JobSnapshot>> answer = ended.thenApply(found -> found);
        answer.whenComplete((found, failure) -> giveUp(key, ended));
        return answer;
    }

    /** Whether the caller is the code of a run, which is counted as one that waits until {@link #endWait}. */
    public boolean beginWait(String workflow, BooleanSupplier hasEnded) {
        return guard.enterWorkflow(workflow, hasEnded);
    }

    /** A run for which {@link #beginWait} was true waits no longer. */
    public void endWait() {
        guard.leave();
    }

    /** One caller that asked for the end of a {@link #workflow} waits no longer. */
    public void giveUpWorkflow(String home, String id) {
        giveUp(new Key(home, id, true));
    }

    /** One caller that asked for the {@link #result} waits no longer. */
    void giveUp(String queue, String id) {
        giveUp(new Key(queue, id));
    }

    private void giveUp(Key key) {
        waiting.computeIfPresent(key, (known, each) -> --each.callers == 0 ? null : each);
    }

    /** What is known of a job now. */
    public CompletableFuture<Optional<JobSnapshot>> find(String queue, String id) {
        if (!hasLookUp() && results != null) {
            return Safely.ask(() -> outcome(results, queue, id));
        }
        return Safely.ask(() -> broker.lookUp().find(queue, id, false))
                .thenCompose(snapshot -> snapshot.isPresent() || results == null
                        ? CompletableFuture.completedFuture(snapshot)
                        : Safely.ask(() -> results.find(queue, id)).thenApply(kept -> kept.map(JobOutcome::snapshot)));
    }

    /**
     * Waits for an answer that comes on the executor.
     *
     * @param nanos the longest wait
     */
    public <V extends @Nullable Object> V get(CompletableFuture<V> answer, long nanos)
            throws InterruptedException, ExecutionException, TimeoutException {
        if (clock instanceof ThreadlessClock threadless) {
            threadless.await(answer, nanos);
            return answer.get(0, TimeUnit.NANOSECONDS);
        }
        return answer.get(nanos, TimeUnit.NANOSECONDS);
    }

    /**
     * The answer of the broker; empty if none came in this time, or if it cannot be asked.
     *
     * @param nanos the longest wait
     */
    <V> Optional<V> askFor(CompletableFuture<V> answer, long nanos) throws InterruptedException {
        if (clock instanceof ThreadlessClock threadless) {
            threadless.runTasks();
        }
        try {
            return Optional.of(answer.get(nanos, TimeUnit.NANOSECONDS));
        } catch (ExecutionException | TimeoutException e) {
            return Optional.empty();
        }
    }

    /** The answer about a job, which comes soon. */
    public <V> V ask(CompletableFuture<V> answer, Object job) {
        if (clock instanceof ThreadlessClock threadless) {
            threadless.runTasks();
        }
        return Answers.of(answer, "about " + job);
    }

    CompletableFuture<Optional<JobProgress>> progress(String queue, String id) {
        return Safely.ask(() -> ProgressReader.read(broker, queue, id))
                .thenApply(
                        known -> known.map(stored -> new ReportedProgress(Progress.read(stored, payloads, queue, id))));
    }

    long nanos() {
        return clock.nanos();
    }

    CompletableFuture<CancelReply> cancel(String queue, String id) {
        return Safely.ask(() -> broker.cancellation().cancel(queue, id));
    }

    private CompletableFuture<Optional<JobSnapshot>> ended(Key key, @Nullable String receipt) {
        if (stopped) {
            return CompletableFuture.failedFuture(closed());
        }
        try {
            subscriptions.computeIfAbsent(key.queue(), queue -> listen(queue));
        } catch (Throwable t) {
            return CompletableFuture.failedFuture(t);
        }
        Waiting mine = waiting.compute(key, (k, known) -> {
            Waiting each = known == null ? new Waiting() : known;
            each.callers++;
            each.receipt = each.receipt == null ? receipt : each.receipt;
            return each;
        });
        // Who waits already is looked at in his own time: asking again and again does not poll faster.
        if (mine.isNew.compareAndSet(true, false)) {
            look(key, mine);
            loop.wake();
        }
        if (stopped) {
            // In a race with stop(): perhaps it did not see these two.
            unsubscribe(key.queue());
            endUnknown(key, mine);
        }
        return mine.ended;
    }

    private void unsubscribe(String queue) {
        Subscription subscription = subscriptions.remove(queue);
        if (subscription != null) {
            Safely.run("ending a subscription", subscription::close);
        }
    }

    private void look(Key key, Waiting each) {
        each.nextLookNanos = clock.nanos() + each.pauseNanos;
        if (each.isToBeSeen.compareAndSet(false, true)) {
            looks.add(() -> {
                each.isToBeSeen.set(false);
                return seen(key, each);
            });
        }
    }

    private CompletableFuture<Optional<JobSnapshot>> seen(Key key, Waiting each) {
        return Safely.ask(() -> lookedUp(key, each.receipt)).whenComplete((snapshot, failure) -> {
            // A backend knows only what has ended; a broker also what it does not know.
            if (failure == null && snapshot.map(job -> job.state().isFinal()).orElse(hasLookUp())) {
                waiting.remove(key, each);
                each.ended.complete(snapshot);
            } else if (failure != null && Answers.unwrapped(failure) instanceof UnknownJobException lost) {
                waiting.remove(key, each);
                each.ended.completeExceptionally(lost);
            }
            // A broker that cannot be asked now is asked again at the next look; how long to wait is the caller's
            // choice.
        });
    }

    /** One round of the loop: looks where it is time to, and says when the next look is due. */
    private long lookAtAll() {
        long wait = Alarm.FOREVER;
        for (Map.Entry<Key, Waiting> entry : waiting.entrySet()) {
            Waiting each = entry.getValue();
            if (clock.nanos() - each.nextLookNanos >= 0) {
                long longest = Math.max(LAST_LOOK_NANOS, waiting.size() * SPACING_NANOS);
                each.pauseNanos = Math.min(longest, each.pauseNanos * 2);
                Safely.run("looking for a job", () -> look(entry.getKey(), each));
            }
            wait = Math.min(wait, Math.max(0, each.nextLookNanos - clock.nanos()));
        }
        return wait;
    }

    private CompletableFuture<@Nullable Object> value(
            String queue, String id, Type type, Optional<JobSnapshot> snapshot) {
        boolean mayBeElsewhere = snapshot.map(job -> job.state() == JobState.SUCCEEDED && job.result() == null)
                .orElse(true);
        if (results == null || !mayBeElsewhere || !hasLookUp()) {
            return CompletableFuture.completedFuture(outcomes.read(queue, id, type, snapshot));
        }
        return Safely.ask(() -> results.find(queue, id))
                .thenApplyAsync(
                        kept -> outcomes.read(
                                queue, id, type, kept.map(JobOutcome::snapshot).or(() -> snapshot)),
                        executor);
    }

    private boolean hasLookUp() {
        return broker.abilities().contains(Ability.LOOK_UP);
    }

    /** What the broker says of a job, or else whoever keeps the outcomes of jobs. */
    private CompletableFuture<Optional<JobSnapshot>> lookedUp(Key key, @Nullable String receipt) {
        if (key.isWorkflow()) {
            return broker.workflows().find(key.queue(), key.id(), true).thenApply(found -> found.map(Awaiter::known));
        }
        return results == null || hasLookUp()
                ? broker.lookUp().find(key.queue(), key.id(), true, receipt)
                : results.find(key.queue(), key.id()).thenApply(kept -> kept.map(end -> known(key, end)));
    }

    /** Any end will do: who asked reads the record. */
    private static JobSnapshot known(StoredWorkflow found) {
        JobState state = found.hasEnded() ? JobState.SUCCEEDED : JobState.ACTIVE;
        return JobSnapshot.ended(found.id(), state, null);
    }

    private static JobSnapshot known(Key key, JobOutcome end) {
        if (end.resultLost()) {
            throw UnknownJobException.resultLost(key.queue(), key.id());
        }
        return end.snapshot();
    }

    private static CompletableFuture<Optional<JobSnapshot>> outcome(ResultBackend backend, String queue, String id) {
        return backend.find(queue, id).thenApply(kept -> kept.map(JobOutcome::snapshot));
    }

    private Subscription listen(String queue) {
        if (hasLookUp()) {
            return broker.listen(null, Set.of(queue), new Hints());
        }
        if (results == null) {
            throw new BrokerException(
                    BrokerException.Outcome.REFUSED,
                    "nobody can wait for a job of queue " + queue + ": " + broker.name() + " has no ability "
                            + Ability.LOOK_UP + " (" + Ability.LOOK_UP.meaning()
                            + "); add results(...), which keeps how jobs ended, or use another broker",
                    null);
        }
        return results.listen(queue, id -> hint(queue, id));
    }

    private final class Hints implements BrokerListener {

        @Override
        public void ready(String queue) {}

        @Override
        public void finished(String queue, String id) {
            hint(queue, id);
        }

        @Override
        public void cancelRequested(String queue, String id) {}
    }
}
