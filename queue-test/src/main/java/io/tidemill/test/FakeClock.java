package io.tidemill.test;

import io.tidemill.time.Alarm;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Time that stands still until a test moves it. Alarms of this clock wait in fake time: a thread that waits is really
 * parked, and goes on when it is rung or when the clock has been moved past the end of its wait.
 *
 * <pre>{@code
 * FakeClock clock = new FakeClock();
 * loop.start();
 * clock.awaitWaiters(1);                 // the loop has done its round and waits
 * clock.advance(Duration.ofMinutes(1));  // now it goes on
 * }</pre>
 *
 * <p>A wait counts from when its thread last went on. Time that passes while the thread works is a part of the next
 * wait: a clock that is moved far at once does not make a thread wait for more than it asked for.
 *
 * <p>Nothing waits longer than one real minute: a test that forgot to move the clock fails and says so.
 *
 * <p>Thread-safe.
 */
public final class FakeClock implements Clock {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private static final long SAFETY_SECONDS = 60;

    private final ReentrantLock lock = new ReentrantLock();
    /** One more thread is parked. */
    private final Condition parked = lock.newCondition();
    /** Exactly the threads that are parked: one that was let go is taken out by whoever lets it go. */
    private final Set<FakeAlarm> waiters = new HashSet<>();

    private long nanos;
    private long wallMillis;

    /** A clock that stands at the beginning of 2026. */
    public FakeClock() {
        this(START);
    }

    /** A clock that stands at this instant. */
    public FakeClock(Instant start) {
        wallMillis = Objects.requireNonNull(start, "start must not be null").toEpochMilli();
    }

    @Override
    public long millis() {
        lock.lock();
        try {
            return wallMillis + nanos / 1_000_000;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long nanos() {
        lock.lock();
        try {
            return nanos;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Alarm alarm() {
        return new FakeAlarm();
    }

    /**
     * Lets time pass, and lets go of every thread whose wait is over.
     *
     * @param duration how much, 0 or more
     */
    public void advance(Duration duration) {
        if (Objects.requireNonNull(duration, "duration must not be null").isNegative()) {
            throw new IllegalArgumentException(
                    "time does not run backwards, got " + duration + "; to set the wall clock use jump");
        }
        lock.lock();
        try {
            nanos = Math.addExact(nanos, duration.toNanos());
            waiters.removeIf(FakeAlarm::isLetGo);
        } finally {
            lock.unlock();
        }
    }

    /** Sets the wall clock forward or back, as an administrator does. No time passes and nobody is let go. */
    public void jump(Duration duration) {
        Objects.requireNonNull(duration, "duration must not be null");
        lock.lock();
        try {
            wallMillis += duration.toMillis();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until at least so many threads are parked on alarms of this clock: then whatever runs on it has done all
     * that it does before time moves.
     *
     * @param count 1 or more: fewer than that have always been reached
     * @throws AssertionError if it does not come to that within a real minute
     */
    public void awaitWaiters(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("awaitWaiters must be 1 or more, got " + count);
        }
        lock.lock();
        try {
            long rest = TimeUnit.SECONDS.toNanos(SAFETY_SECONDS);
            while (waiters.size() < count) {
                if (rest <= 0) {
                    throw new AssertionError("waited " + SAFETY_SECONDS + " s of real time for " + count
                            + " threads to wait on the fake clock, but there are " + waiters.size());
                }
                rest = parked.awaitNanos(rest);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for " + count + " waiters", e);
        } finally {
            lock.unlock();
        }
    }

    private final class FakeAlarm implements Alarm {

        /**
         * Its thread is let go. Each has its own: with one for all, each move of the clock would wake up every thread.
         */
        private final Condition letGo = lock.newCondition();

        private boolean rung;
        private long until;
        /** When its thread last went on, and before its first wait when the alarm was made. */
        private long wentOnNanos = nanos();

        @Override
        public void ring() {
            lock.lock();
            try {
                rung = true;
                waiters.remove(this);
                letGo.signalAll();
            } finally {
                lock.unlock();
            }
        }

        /** Whether its wait is over now; if so its thread goes on. */
        private boolean isLetGo() {
            if (until > nanos) {
                return false;
            }
            letGo.signalAll();
            return true;
        }

        @Override
        public boolean await(long waitNanos) throws InterruptedException {
            lock.lockInterruptibly();
            try {
                // Not from now: a wait that was computed before the clock was moved would end too late by that move.
                until = waitNanos > Long.MAX_VALUE - wentOnNanos ? Long.MAX_VALUE : wentOnNanos + waitNanos;
                if (!rung && until > nanos) {
                    park();
                }
                boolean rang = rung;
                rung = false;
                return rang;
            } finally {
                waiters.remove(this);
                wentOnNanos = nanos;
                lock.unlock();
            }
        }

        private void park() throws InterruptedException {
            waiters.add(this);
            parked.signalAll();
            long rest = TimeUnit.SECONDS.toNanos(SAFETY_SECONDS);
            while (waiters.contains(this)) {
                if (rest <= 0) {
                    throw new IllegalStateException(Thread.currentThread().getName() + " waited " + SAFETY_SECONDS
                            + " s of real time on a fake clock; did the test forget to advance it or to ring?");
                }
                rest = letGo.awaitNanos(rest);
            }
        }
    }
}
