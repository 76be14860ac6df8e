package io.tidemill.worker;

import io.tidemill.async.Safely;
import io.tidemill.broker.Claim;
import io.tidemill.event.JobRef;
import io.tidemill.event.RunInfo;
import io.tidemill.flow.AddingRun;
import io.tidemill.flow.Additions;
import io.tidemill.flow.StepRun;
import io.tidemill.observe.AwaitingRuns;
import io.tidemill.plan.Plan;
import io.tidemill.record.Job;
import io.tidemill.task.RetryPolicy;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One execution of one job, and everything that can happen to it from outside: its time runs out, it is cancelled, its
 * lease is lost, the worker stops. Each of these sets a flag and interrupts the thread, but only while the user's
 * method is on it; an interrupt never reaches the next job of the thread. The stage that an async task returned is
 * cancelled likewise.
 *
 * <p>Several threads may find that the run has ended; {@link #end} lets exactly one of them decide how. Long, because
 * all of these threads meet under its one lock. What its task records is in {@link NotedRun}.
 *
 * <p>Thread-safe.
 */
final class Run extends NotedRun implements AwaitingRuns.Member, AddingRun {

    /** From the second lost lease on, the job is the likeliest reason why its workers died. */
    private static final int LOST_LEASES_TO_ISOLATE = 2;

    /** Which part of the worker has the run now. Its lease is kept only while one has it. */
    enum Stage {
        /** Its thread has not begun with it. */
        CLAIMED,
        /** Its thread waits for a place among the runs of its task, or it waits for its batch, without a thread. */
        WAITING,
        /** Its thread executes it, or the stage that its task returned, or its item in a batch has, has not ended. */
        RUNNING,
        /** The result backend stores its result. */
        STORING,
        /** The completer records how it ended. */
        RECORDING,
        /** None: an error, as of a full heap, kept the completer from taking it. */
        DROPPED
    }

    private final QueueConsumer consumer;
    private final Claim claim;
    private final Lease lease;

    private final TaskPlace place = new TaskPlace();
    private final ReentrantLock lock = new ReentrantLock();
    /** The thread that is inside the user's method; null before and after. Guarded by the lock. */
    private @Nullable Thread thread;
    /** What the method of an async task returned; the run goes on in it without a thread. Guarded by the lock. */
    private @Nullable CompletionStage<?> async;
    /** Whether the thread was interrupted while it was inside. Guarded by the lock. */
    private boolean isInterrupted;

    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicBoolean holdsSlot = new AtomicBoolean(true);
    private final AtomicBoolean isAlone;
    private volatile Stage stage = Stage.CLAIMED;
    /** When a stage began whose length is limited. */
    private volatile long sinceNanos;

    private volatile boolean suspect;
    private volatile @Nullable Ended toRecord;
    private volatile @Nullable CompletableFuture<?> storing;
    private volatile boolean cancelled;
    private volatile boolean stopped;
    /** Why it does not begin, or was interrupted, if it is stopped. */
    private volatile String whyStopped = "the worker stopped";
    /** Called when a cancel has interrupted the run. Set before the run begins. */
    private Consumer<Run> whenCancelled = run -> {};

    private volatile @Nullable Duration timedOut;
    /** What is left of its timeout; null without one. */
    private volatile @Nullable Supplier<Duration> remaining;

    private volatile @Nullable Job job;
    private volatile @Nullable Duration waited;
    private volatile @Nullable StepRun step;
    /** What its code adds to its workflow; null if its job is no step. */
    private volatile @Nullable Additions additions;

    Run(QueueConsumer consumer, Claim claim, Lease lease) {
        this.consumer = consumer;
        this.claim = claim;
        this.lease = lease;
        this.isAlone = new AtomicBoolean(isIsolated());
        this.sinceNanos = lease.sentNanos();
    }

    QueueConsumer consumer() {
        return consumer;
    }

    @Override
    Claim claim() {
        return claim;
    }

    Lease lease() {
        return lease;
    }

    /**
     * Whether nothing new is started in this process while it runs. When a process dies, all its jobs come back
     * together. Without this, the jobs that run beside one that kills its process would lose their leases again and
     * again too.
     */
    boolean isIsolated() {
        return claim.lostLeases() >= LOST_LEASES_TO_ISOLATE;
    }

    /** What is done when a cancel has interrupted the run. Called before the run begins. */
    void whenCancelled(Consumer<Run> action) {
        whenCancelled = action;
    }

    /** Others may be started beside it from now on, or it has ended. True exactly once, if it was isolated. */
    boolean endIsolation() {
        return isAlone.compareAndSet(true, false);
    }

    /** Nothing new is to be started beside it again. True if that had ended, and if it is isolated at all. */
    boolean isolateAgain() {
        return isIsolated() && isAlone.compareAndSet(false, true);
    }

    /** Whether the caller is the one to give its slot back. True exactly once. */
    boolean leaveSlot() {
        return holdsSlot.compareAndSet(true, false);
    }

    Stage stage() {
        return stage;
    }

    /** When its present stage began. */
    long sinceNanos() {
        return sinceNanos;
    }

    /** Its stage lasts too long. Returns whether that was seen for the first time. */
    boolean suspect() {
        boolean isFirst = !suspect;
        suspect = true;
        return isFirst;
    }

    boolean isSuspect() {
        return suspect;
    }

    /** Its thread begins with it; once more when it has got its place. */
    void begin(long nowNanos) {
        sinceNanos = nowNanos;
        stage = Stage.RUNNING;
    }

    /** How long it has run so far; zero of one that still waits for its place. */
    Duration ran(long nowNanos) {
        return stage == Stage.WAITING ? Duration.ZERO : Duration.ofNanos(nowNanos - sinceNanos);
    }

    /** The result backend was asked to keep its result. */
    void store(CompletableFuture<?> answer, long nowNanos) {
        storing = answer;
        sinceNanos = nowNanos;
        suspect = false;
        stage = Stage.STORING;
    }

    /** The answer of the result backend, as long as it is waited for. */
    @Nullable
    CompletableFuture<?> storing() {
        return storing;
    }

    /** The completer takes it. */
    void complete(Ended how) {
        toRecord = how;
        storing = null;
        stage = Stage.RECORDING;
    }

    /** What the completer was last given to record; null if nothing. */
    @Nullable
    Ended toRecord() {
        return toRecord;
    }

    /** No part of the worker has it any more, and it is not recorded. Allocates nothing. */
    void drop() {
        stage = Stage.DROPPED;
    }

    /** What the record holds, once it was read. */
    void read(Job value, long nowMillis) {
        this.job = value;
        waitedUntil(nowMillis);
    }

    /** It is a run of this step of a workflow. */
    void isOf(StepRun value) {
        step = value;
        additions = value.mayAdd(jobId()) ? new Additions(value) : null;
        if (hasPlaces(value)) {
            waited = null;
        }
    }

    /** Such a job is stored long before it can run: how long it was ready is not known. */
    private static boolean hasPlaces(@Nullable StepRun step) {
        return step != null && step.hasPlaces();
    }

    @Override
    public Additions additions() {
        Additions known = additions;
        if (known == null) {
            throw new IllegalStateException("job " + jobId() + " of task \"" + task() + "\" "
                    + (step == null
                            ? "is no step of a workflow"
                            : "is an element of a map, a compensation or a callback")
                    + ", so it cannot add steps");
        }
        String durable = stepThatRuns();
        if (durable != null) {
            throw new IllegalStateException("job " + jobId() + " adds steps inside its durable step \"" + durable
                    + "\": a later run does not run that code again, and would not add them; add them behind it, from"
                    + " its result");
        }
        return known;
    }

    /** What its code has added. From now on it cannot add anything. */
    List<Plan> added() {
        Additions known = additions;
        return known == null ? List.of() : known.close();
    }

    /** The step of a workflow that it is a run of; null if it is none, or before its record was read. */
    @Nullable
    StepRun step() {
        return step;
    }

    /** It has waited until now: in its queue, and then perhaps for a place among the runs of its task. */
    void waitedUntil(long nowMillis) {
        Job known = job;
        waited = known == null || attempt() > 1 || hasPlaces(step)
                ? null
                : Duration.ofMillis(Math.max(0, nowMillis - known.readyAtMillis()));
    }

    /** Gives its place among the runs of its task back, once: when its code has returned, or when it was abandoned. */
    void leavePlace() {
        place.leave();
    }

    /**
     * Waits for a place among the runs of its task. Returns false if it must not begin any more: then it has no place.
     */
    boolean awaitPlace(Semaphore places) {
        return place.await(places, this::mayWait);
    }

    /**
     * Waits for its batch, without a thread. Returns false if it must not begin any more.
     *
     * @param leaveLine takes it out of the line, and ends it; called when it must not begin any more
     */
    boolean awaitBatch(Runnable leaveLine) {
        return place.awaitBatch(leaveLine, this::mayWait);
    }

    private boolean mayWait() {
        boolean mayBegin = !stopped && !cancelled && !ended.get();
        if (mayBegin) {
            stage = Stage.WAITING;
        }
        return mayBegin;
    }

    /** Has a place among the runs of its task, which is given back by this. */
    void takePlace(Runnable giveBack) {
        place.take(giveBack);
    }

    /**
     * The user's method begins on this thread. Returns false if it must not any more: the worker stopped, the job was
     * cancelled or given back, or so much time has passed since the claim that another worker may have the job.
     */
    boolean enter() {
        lock.lock();
        try {
            if (stopped || cancelled || ended.get() || !lease.isValid()) {
                return false;
            }
            thread = Thread.currentThread();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** The user's method has left this thread. Clears an interrupt that came too late. */
    void leave() {
        lock.lock();
        try {
            thread = null;
            Thread.interrupted();
        } finally {
            lock.unlock();
        }
    }

    /** The method of an async task has returned this stage. One that was interrupted before is cancelled at once. */
    void goesOnIn(CompletionStage<?> stage) {
        boolean isLate;
        lock.lock();
        try {
            async = stage;
            isLate = isInterrupted;
        } finally {
            lock.unlock();
        }
        if (isLate) {
            StageWaits.cancel(stage);
        }
    }

    /** The run waits for this stage, which an interceptor may have given in place of the method. */
    void goesOnAtLeastIn(CompletionStage<?> stage) {
        boolean isOfMethod;
        lock.lock();
        try {
            isOfMethod = async != null;
        } finally {
            lock.unlock();
        }
        if (!isOfMethod) {
            goesOnIn(stage);
        }
    }

    /** Whether the user's method is on a thread. */
    boolean isOnThread() {
        lock.lock();
        try {
            return thread != null;
        } finally {
            lock.unlock();
        }
    }

    /** What the thread does that is inside the user's method; null if none is. It cannot leave meanwhile. */
    @Nullable
    RunningThread onThread() {
        lock.lock();
        try {
            Thread inside = thread;
            return inside == null
                    ? null
                    : new RunningThread(inside.getName(), inside.getState(), inside.getStackTrace());
        } finally {
            lock.unlock();
        }
    }

    /** Whether the caller decides how the run ended. True exactly once. */
    boolean end() {
        return ended.compareAndSet(false, true);
    }

    boolean hasEnded() {
        return ended.get();
    }

    void timeOut(Duration limit) {
        timedOut = limit;
        interrupt();
    }

    /** Called after every renewal of the lease; interrupts only once, or code that cleans up would never end. */
    void cancel() {
        boolean isFirst;
        boolean hasBegun;
        lock.lock();
        try {
            isFirst = !cancelled;
            hasBegun = thread != null || async != null;
            cancelled = true;
        } finally {
            lock.unlock();
        }
        if (isFirst) {
            interrupt();
        }
        if (isFirst && hasBegun) {
            whenCancelled.accept(this);
        }
    }

    /** It does not begin here any more, for another reason than a stop of the worker; not called once it has begun. */
    void giveBack(String why) {
        whyStopped = why;
        stop(false);
    }

    /** The worker stops: a run that has not begun does not begin any more. */
    void stop(boolean interrupt) {
        lock.lock();
        try {
            stopped = stopped || interrupt || (thread == null && async == null);
        } finally {
            lock.unlock();
        }
        if (stopped) {
            place.waitNoLonger();
        }
        if (interrupt) {
            interrupt();
        }
    }

    /** The lease has ended: another worker may run the job now. */
    void leaseLost() {
        interrupt();
    }

    private void interrupt() {
        place.waitNoLonger();
        CompletionStage<?> stage;
        lock.lock();
        try {
            if (thread != null) {
                isInterrupted = true;
                thread.interrupt();
            }
            stage = async;
        } finally {
            lock.unlock();
        }
        if (stage != null) {
            // What hangs on it is the user's code, and this may be a thread of the network.
            Safely.run(
                    "cancelling the stage of job " + jobId(), () -> consumer.execute(() -> StageWaits.cancel(stage)));
        }
    }

    /**
     * How long ago the job was created, by the clocks of its producer and of this process; zero if that is not known.
     */
    Duration age(long nowMillis) {
        Job known = job;
        return known == null ? Duration.ZERO : Duration.ofMillis(Math.max(0, nowMillis - known.createdAtMillis()));
    }

    /** The task's policy, changed by what the job's producer asked for. */
    RetryPolicy policy(RetryPolicy declared) {
        Job known = job;
        return known == null ? declared : known.policy(declared);
    }

    /** The job, for events. */
    JobRef ref() {
        return JobRef.of(queue(), jobId(), task()).withHeaders(headers());
    }

    /** The run, for events; its duration is not known here. */
    RunInfo info() {
        return RunInfo.of(attempt())
                .withCounts(claim.failures(), claim.lostLeases(), claim.releases())
                .withWaited(waited);
    }

    boolean isStopped() {
        return stopped;
    }

    /** Why it is given back although it did not fail, in one line. */
    String whyStopped() {
        return stopped ? whyStopped : "so much time has passed since the claim that its lease may have ended";
    }

    @Nullable
    Duration timedOut() {
        return timedOut;
    }

    @Override
    public AwaitingRuns awaitingRuns() {
        return consumer.awaitingRuns();
    }

    @Override
    public String jobId() {
        return claim.id();
    }

    @Override
    public String task() {
        Job known = job;
        return known == null ? "?" : known.task();
    }

    @Override
    public String queue() {
        return consumer.queue();
    }

    @Override
    public int attempt() {
        return claim.attempt();
    }

    @Override
    public Map<String, String> headers() {
        Job known = job;
        return known == null ? Map.of() : known.headers();
    }

    /** When the deadline that its job has inherited passes, ms since 1970; 0 for none. */
    long deadlineMillis() {
        Job known = job;
        return known == null ? 0 : known.more().deadlineMillis();
    }

    /** It is interrupted after this time. */
    void limitTo(Duration limit, Clock runClock) {
        long ends = runClock.nanos() + limit.toNanos();
        remaining = () -> Duration.ofNanos(Math.max(0, ends - runClock.nanos()));
    }

    @Override
    public Optional<Duration> remaining() {
        Supplier<Duration> limited = remaining;
        return limited == null ? Optional.empty() : Optional.of(limited.get());
    }

    @Override
    public boolean isCancelled() {
        return cancelled;
    }

    @Override
    public boolean isLeaseValid() {
        // One that was abandoned still runs, and its job may run again elsewhere.
        return lease.isValid() && !hasEnded();
    }

    @Override
    RunProgress newProgress(Noting value) {
        Job known = job;
        return value.progressOf(this, known == null ? 0 : known.createdAtMillis());
    }
}
