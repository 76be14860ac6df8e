package io.tidemill.test;

import io.tidemill.lifecycle.ThreadlessClock;
import io.tidemill.time.Alarm;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The clock of a {@link TestQueue}, and its only thread: whoever moves it does all work that is due, one piece after
 * the other.
 *
 * <p>Time moves in two ways. While nothing runs it goes at once to the next time at which something is due in the
 * store, and there every loop does a round: what loops do in between changes nothing. While a task lets time pass, each
 * loop does its rounds at the times that it asks for, since it renews leases and ends what takes too long.
 *
 * <p>Thread-safe: one thread at a time moves it.
 */
final class TestClock implements ThreadlessClock {

    /** More pieces of work at one instant than any test means to have. */
    private static final int MOST_AT_ONE_INSTANT = 5_000_000;

    private static final long NANOS_PER_MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final Duration SHORTEST_STEP = Duration.ofSeconds(1);
    private static final Duration LONGEST_STEP = Duration.ofHours(1);

    /** What is due in the store, apart from the loops. */
    interface Agenda {

        /** The next time at which something is due, ms since 1970. */
        OptionalLong nextMillis();

        /** Whether something is due that the last rounds of the loops have not brought about. */
        boolean isBehind();
    }

    private final long startMillis;
    private final RandomGenerator random;
    private final ReentrantLock turn = new ReentrantLock();
    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    /** Work that begins only when the clock is asked to go on: not while a test reads a result. */
    private final ConcurrentLinkedQueue<Runnable> later = new ConcurrentLinkedQueue<>();

    /** Jobs that were claimed and have not begun. None begins when the time has passed that was asked for. */
    private final ConcurrentLinkedQueue<Runnable> runs = new ConcurrentLinkedQueue<>();

    private final List<Timed> loops = new CopyOnWriteArrayList<>();
    private volatile long nanos;
    private volatile @Nullable Agenda agenda;

    TestClock(Instant start, long seed) {
        this.startMillis = start.toEpochMilli();
        this.random = new Random(seed);
    }

    /** Called once, before time moves. */
    void follow(Agenda value) {
        agenda = value;
    }

    @Override
    public long millis() {
        return startMillis + nanos / NANOS_PER_MILLI;
    }

    @Override
    public long nanos() {
        return nanos;
    }

    @Override
    public Alarm alarm() {
        return new Bell();
    }

    @Override
    public ExecutorService executor() {
        return new Kept();
    }

    @Override
    public RandomGenerator random() {
        return random;
    }

    @Override
    public void begin(Rounds loop) {
        loops.add(new Timed(loop, nanos));
    }

    /** Runs this as soon as the clock goes on. */
    void later(Runnable work) {
        later.add(work);
    }

    /** Whether the calling thread is in the middle of moving the clock: it is in a task or a listener. */
    boolean isMoving() {
        return turn.isHeldByCurrentThread();
    }

    @Override
    public void runTasks() {
        turn.lock();
        try {
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
        } finally {
            turn.unlock();
        }
    }

    @Override
    public void await(CompletableFuture<?> answer, long wait) throws InterruptedException {
        long until = plus(wait);
        if (isMoving()) {
            pass(answer::isDone, until);
        } else if (!go(answer::isDone, until)) {
            moveTo(until);
        }
    }

    /** Does what is due and lets this much time pass, from one time at which something is due to the next. */
    void advance(long by) {
        long until = plus(by);
        turn.lock();
        try {
            go(() -> false, until);
            moveTo(until);
            settle(until);
        } finally {
            turn.unlock();
        }
    }

    /**
     * Does what is due, and moves on until something holds, nothing follows, or what follows is later than this. Where
     * a task has let more time pass than that, what is due by then waits.
     *
     * @return whether it holds
     */
    boolean go(BooleanSupplier holds, long until) {
        turn.lock();
        try {
            settle(until);
            long step = SHORTEST_STEP.toNanos();
            while (!holds.getAsBoolean()) {
                boolean isBehind = isBehind();
                long next = isBehind ? Math.min(nextNanos(), plus(step)) : nextNanos();
                step = isBehind ? Math.min(LONGEST_STEP.toNanos(), 2 * step) : SHORTEST_STEP.toNanos();
                if (nanos > until || next > until || next == Long.MAX_VALUE) {
                    return false;
                }
                moveTo(next);
                settle(until);
            }
            return true;
        } finally {
            turn.unlock();
        }
    }

    /** Does what is due now, and what becomes due while tasks let time pass. */
    void settle() {
        settle(Long.MAX_VALUE);
    }

    /** Does what is due now. Each loop looks, since what happened since its last round may concern it. */
    private void settle(long until) {
        turn.lock();
        try {
            loops.removeIf(loop -> !loop.rounds.isRunning());
            if (nanos <= until) {
                loops.forEach(Timed::round);
            }
            doDue(until);
        } finally {
            turn.unlock();
        }
    }

    /**
     * Lets time pass while a task runs, with every round of every loop at its time.
     *
     * @return whether the condition came to hold
     * @throws InterruptedException if the thread was interrupted by what happened meanwhile, as by a timeout
     */
    boolean pass(BooleanSupplier holds, long until) throws InterruptedException {
        turn.lock();
        try {
            while (true) {
                doDue(Long.MAX_VALUE);
                if (Thread.interrupted()) {
                    throw new InterruptedException("interrupted at " + Instant.ofEpochMilli(millis()));
                }
                if (holds.getAsBoolean()) {
                    return true;
                }
                if (nanos >= until) {
                    return false;
                }
                long next = until;
                for (Timed loop : loops) {
                    // One that has stopped does no more rounds, and its time would stand still for ever.
                    next = loop.rounds.isRunning() ? Math.min(next, loop.dueNanos) : next;
                }
                moveTo(Math.max(nanos, next));
            }
        } finally {
            turn.unlock();
        }
    }

    /** So long from now. */
    long plus(long wait) {
        return wait > Long.MAX_VALUE - nanos ? Long.MAX_VALUE : nanos + Math.max(0, wait);
    }

    private void moveTo(long time) {
        if (time != Long.MAX_VALUE) {
            nanos = Math.max(nanos, time);
        }
    }

    private boolean isBehind() {
        Agenda known = agenda;
        return known != null && known.isBehind();
    }

    private long nextNanos() {
        Agenda known = agenda;
        OptionalLong next = known == null ? OptionalLong.empty() : known.nextMillis();
        return next.isEmpty() ? Long.MAX_VALUE : TimeUnit.MILLISECONDS.toNanos(next.getAsLong() - startMillis);
    }

    /** As soon as it is later than this no job begins and no loop looks; what has begun is brought to its end. */
    private void doDue(long until) {
        for (int done = 0; doOne(nanos <= until); done++) {
            if (done == MOST_AT_ONE_INSTANT) {
                throw new AssertionError("time stands at " + Instant.ofEpochMilli(millis()) + " and there is still work"
                        + " after " + done
                        + " pieces of it; does a task enqueue itself, or is it tried again, without a"
                        + " delay?");
            }
        }
    }

    private boolean doOne(boolean mayBegin) {
        Runnable work = tasks.poll();
        work = work == null ? later.poll() : work;
        work = work == null && mayBegin ? runs.poll() : work;
        if (work != null) {
            work.run();
            return true;
        }
        for (Timed loop : loops) {
            if (mayBegin && loop.isDue()) {
                loop.round();
                return true;
            }
        }
        return false;
    }

    /** A loop, and when it asked for its next round. */
    private final class Timed {

        final Rounds rounds;
        private final Bell bell;
        long dueNanos;

        Timed(Rounds rounds, long dueNanos) {
            this.rounds = rounds;
            this.bell = (Bell) rounds.alarm();
            this.dueNanos = dueNanos;
        }

        boolean isDue() {
            return (bell.isRung || dueNanos <= nanos) && rounds.isRunning();
        }

        void round() {
            bell.isRung = false;
            long wait = rounds.round();
            // A loop that asks for no wait at all gets the shortest one, or time would not move.
            dueNanos = wait <= 0 && !bell.isRung ? plus(NANOS_PER_MILLI) : plus(wait);
        }
    }

    /** An alarm. Whoever waits for it moves the clock meanwhile. */
    private final class Bell implements Alarm {

        volatile boolean isRung;

        @Override
        public void ring() {
            isRung = true;
        }

        @Override
        public boolean await(long wait) throws InterruptedException {
            boolean rang = isRung || pass(() -> isRung, plus(wait));
            isRung = false;
            return rang;
        }
    }

    /** Keeps tasks for the thread that moves the clock. */
    private final class Kept extends AbstractExecutorService {

        private volatile boolean isShut;

        @Override
        public void execute(Runnable task) {
            (task instanceof BeginsRun ? runs : tasks).add(task);
        }

        @Override
        public void shutdown() {
            isShut = true;
        }

        @Override
        public List<Runnable> shutdownNow() {
            isShut = true;
            return List.of();
        }

        @Override
        public boolean isShutdown() {
            return isShut;
        }

        @Override
        public boolean isTerminated() {
            return isShut && tasks.isEmpty() && runs.isEmpty();
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            runTasks();
            return isTerminated();
        }
    }
}
