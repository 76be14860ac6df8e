package io.tidemill.worker;

import io.tidemill.broker.Claim;
import io.tidemill.record.Job;
import io.tidemill.task.TaskContext;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One run of one job, and everything that can happen to it from outside: its time runs out, it is cancelled, its lease
 * is lost, the worker stops. Each of these leaves a mark and interrupts the thread, but only while the user's method is
 * on it; a thread never carries an interrupt over to the next job.
 *
 * <p>However many threads think that they know how the run ended, {@link #end} lets one of them say so.
 *
 * <p>Thread-safe.
 */
final class Attempt implements TaskContext {

    /** From the second ended lease on, the job is the likeliest reason why its workers died. */
    private static final int EXPIRATIONS_TO_ISOLATE = 2;

    /** Who has the run now. The lease is kept only while somebody has it. */
    enum Stage {
        /** Its thread has not begun with it. */
        CLAIMED,
        /** Its thread is at it. */
        RUNNING,
        /** The result backend has its result. */
        STORING,
        /** The lane has what it came to. */
        SETTLING,
        /** Nobody: what it came to could not be handed on, as on a full heap. */
        STRANDED
    }

    private final Lane lane;
    private final Claim claim;
    private final Lease lease;

    private final ReentrantLock lock = new ReentrantLock();
    /** The thread that is inside the user's method; null before and after. Guarded by the lock. */
    private @Nullable Thread thread;

    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicBoolean holdsSlot = new AtomicBoolean(true);
    private final AtomicBoolean isAlone;
    private volatile Stage stage = Stage.CLAIMED;
    /** When a stage began that may last only so long. */
    private volatile long sinceNanos;

    private volatile boolean suspect;
    private volatile @Nullable Ended toSettle;
    private volatile @Nullable CompletableFuture<Void> storing;
    private volatile boolean cancelled;
    private volatile boolean stopped;
    /** Why it does not begin, or was interrupted, if it is stopped. */
    private volatile String whyStopped = "the worker stopped";
    /** Hears that the run was interrupted by a cancel. Set before the run begins. */
    private Consumer<Attempt> whenCancelled = attempt -> {};

    private volatile @Nullable Duration timedOut;
    private volatile @Nullable Job job;

    Attempt(Lane lane, Claim claim, Lease lease) {
        this.lane = lane;
        this.claim = claim;
        this.lease = lease;
        this.isAlone = new AtomicBoolean(isIsolated());
        this.sinceNanos = lease.sentNanos();
    }

    Lane lane() {
        return lane;
    }

    Claim claim() {
        return claim;
    }

    Lease lease() {
        return lease;
    }

    /**
     * Whether nothing new is started in this process while it runs. A worker that dies takes all its jobs along, and
     * they come back together; without this, whatever happened to run beside a job that kills its process would die of
     * it too.
     */
    boolean isIsolated() {
        return claim.lostLeases() >= EXPIRATIONS_TO_ISOLATE;
    }

    /** Who is told when a cancel has interrupted the run. Called before the run begins. */
    void whenCancelled(Consumer<Attempt> watcher) {
        whenCancelled = watcher;
    }

    /** Others may be started beside it from now on, or it has ended. True exactly once, if it was isolated. */
    boolean endIsolation() {
        return isAlone.compareAndSet(true, false);
    }

    /** Whether the caller is the one to give its slot back. True exactly once. */
    boolean leaveSlot() {
        return holdsSlot.compareAndSet(true, false);
    }

    Stage stage() {
        return stage;
    }

    /** How long it has been claimed and not begun, or isolated and running, or about to have its result stored. */
    long sinceNanos() {
        return sinceNanos;
    }

    /** It was seen to be overdue. Returns whether that was the first time. */
    boolean suspect() {
        boolean isFirst = !suspect;
        suspect = true;
        return isFirst;
    }

    boolean isSuspect() {
        return suspect;
    }

    /** Its thread begins with it. */
    void begin(long nowNanos) {
        sinceNanos = nowNanos;
        stage = Stage.RUNNING;
    }

    /** The result backend was asked to keep its result. */
    void store(CompletableFuture<Void> answer, long nowNanos) {
        storing = answer;
        sinceNanos = nowNanos;
        suspect = false;
        stage = Stage.STORING;
    }

    /** The answer of the result backend, as long as it is waited for. */
    @Nullable
    CompletableFuture<Void> storing() {
        return storing;
    }

    /** The lane takes what it came to. */
    void settle(Ended what) {
        toSettle = what;
        storing = null;
        stage = Stage.SETTLING;
    }

    /** What the lane has last been given of it; null if nothing. */
    @Nullable
    Ended toSettle() {
        return toSettle;
    }

    /** Nobody has it any more, and it is not settled. Allocates nothing. */
    void strand() {
        stage = Stage.STRANDED;
    }

    /** What the record holds, once it was read. */
    void read(Job value) {
        this.job = value;
    }

    /**
     * The user's method begins on this thread. Returns false if it must not any more: the worker stopped, the job was
     * cancelled or given back, or so much time has passed since the claim that somebody else may have the job.
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

    /** The user's method is off this thread; takes an interrupt that came too late along. */
    void leave() {
        lock.lock();
        try {
            thread = null;
            Thread.interrupted();
        } finally {
            lock.unlock();
        }
    }

    /** Whether the caller is the one who may say how the run ended. True exactly once. */
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

    /** Heard of with every renewal of the lease; interrupts only once, or code that cleans up is never left alone. */
    void cancel() {
        boolean isInterrupted;
        lock.lock();
        try {
            isInterrupted = !cancelled && thread != null;
            if (!cancelled) {
                cancelled = true;
                interrupt();
            }
        } finally {
            lock.unlock();
        }
        if (isInterrupted) {
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
            stopped = stopped || interrupt || thread == null;
        } finally {
            lock.unlock();
        }
        if (interrupt) {
            interrupt();
        }
    }

    /** The lease is gone for good: the work is somebody else's now. */
    void leaseLost() {
        interrupt();
    }

    private void interrupt() {
        lock.lock();
        try {
            if (thread != null) {
                thread.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The number of attempts that the job's producer asked for; null if it left that to the task. */
    @Nullable
    Integer maxAttempts() {
        Job known = job;
        return known == null ? null : known.maxAttempts();
    }

    boolean isStopped() {
        return stopped;
    }

    /** Why it goes back although it did not fail, in one line. */
    String whyStopped() {
        return stopped ? whyStopped : "so much time has passed since the claim that its lease may have ended";
    }

    @Nullable
    Duration timedOut() {
        return timedOut;
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
        return lane.queue();
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

    @Override
    public boolean isCancelled() {
        return cancelled;
    }

    @Override
    public boolean isLeaseValid() {
        return lease.isValid();
    }
}
