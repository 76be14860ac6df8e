package io.tidemill.lifecycle;

import io.tidemill.text.LogNames;
import io.tidemill.text.Texts;
import io.tidemill.time.Alarm;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A named daemon thread that repeats a step until it is stopped, and cannot die: a step that throws is logged and tried
 * again after a pause. Each step says how long to wait for the next; {@link #wake()} cuts the wait short.
 *
 * <p>Thread-safe.
 */
public final class Loop implements Service {

    /** One round of the loop. */
    @FunctionalInterface
    public interface Step {
        /**
         * Does one round.
         *
         * @return the longest wait before the next round, in nanoseconds
         */
        long run() throws Exception;
    }

    private enum State {
        NEW,
        RUNNING,
        STOPPING,
        STOPPED
    }

    private static final Logger log = LoggerFactory.getLogger(LogNames.QUEUE);

    /** So far ahead that differences of times do not overflow. */
    private static final long LONGEST_WAIT_NANOS = Duration.ofDays(10_000).toNanos();

    private static final long PAUSE_AFTER_FAILURE_NANOS = Duration.ofSeconds(1).toNanos();

    private final String name;
    private final Clock clock;
    private final Step step;
    private final Alarm alarm;
    private final AtomicReference<State> state = new AtomicReference<>(State.NEW);
    /** Held while the state leaves NEW, so that whoever finds RUNNING also finds a thread to wait for. */
    private final ReentrantLock startOrStop = new ReentrantLock();

    private final Thread thread;
    /** When the next round should have begun, or when the one that has not ended well began. */
    private volatile long dueNanos;

    /**
     * A loop that is not running yet.
     *
     * @param name the thread's name
     * @param clock what its waits run on
     * @param step one round
     */
    public Loop(String name, Clock clock, Step step) {
        this.name = name;
        this.clock = clock;
        this.step = step;
        this.alarm = clock.alarm();
        this.dueNanos = clock.nanos();
        this.thread = new Thread(null, this::run, name, 0, false);
        this.thread.setDaemon(true);
        // A thread that inherits no thread locals has the loader of the system instead on Java 19 and newer.
        this.thread.setContextClassLoader(Thread.currentThread().getContextClassLoader());
    }

    @Override
    public void start() {
        startOrStop.lock();
        try {
            if (state.get() == State.NEW) {
                dueNanos = clock.nanos();
                state.set(State.RUNNING);
                if (clock instanceof ThreadlessClock threadless) {
                    threadless.begin(new OnCaller());
                } else {
                    thread.start();
                }
            }
        } finally {
            startOrStop.unlock();
        }
    }

    /** The name of its thread. */
    public String name() {
        return name;
    }

    /** Whether it was stopped. One that was not started yet was not. */
    public boolean hasStopped() {
        State now = state.get();
        return now == State.STOPPING || now == State.STOPPED;
    }

    /** Whether it was started and not stopped. */
    public boolean isRunning() {
        return state.get() == State.RUNNING;
    }

    /** Lets the next round begin at once. */
    public void wake() {
        alarm.ring();
    }

    /**
     * How late it is: since when a round should have begun, or has not ended without an error. Zero while it waits for
     * the next round, however long that may be, and before it is started.
     */
    public Duration late() {
        if (state.get() == State.NEW) {
            return Duration.ZERO;
        }
        return Duration.ofNanos(Math.max(0, clock.nanos() - dueNanos));
    }

    /** Lets the current round end and waits for it. A call from the loop's own thread does not wait. */
    @Override
    public void stop() {
        startOrStop.lock();
        try {
            if (state.compareAndSet(State.NEW, State.STOPPED)) {
                return;
            }
            state.compareAndSet(State.RUNNING, State.STOPPING);
        } finally {
            startOrStop.unlock();
        }
        alarm.ring();
        if (Thread.currentThread() != thread) {
            joinUninterruptibly();
        }
    }

    private void run() {
        try {
            while (state.get() == State.RUNNING) {
                try {
                    roundAndWait();
                } catch (Throwable t) {
                    // Not even a log line or the wait was possible, as on a full heap: so a pause that needs nothing.
                    LockSupport.parkNanos(PAUSE_AFTER_FAILURE_NANOS);
                }
            }
        } finally {
            state.set(State.STOPPED);
        }
    }

    private void roundAndWait() {
        try {
            alarm.await(round());
        } catch (InterruptedException e) {
            // Only stop() ends a loop. An interrupt does not: a listener that runs on this thread may have left one
            // behind.
            log.warn("{} was interrupted and goes on", name);
        }
    }

    private long round() throws InterruptedException {
        long beganNanos = clock.nanos();
        if (beganNanos - dueNanos < 0) {
            dueNanos = beganNanos;
        }
        try {
            long wait = step.run();
            dueNanos = clock.nanos() + Math.min(wait, LONGEST_WAIT_NANOS);
            return wait;
        } catch (InterruptedException e) {
            throw e;
        } catch (Throwable t) {
            log.warn(
                    "{} failed and tries again in {}",
                    name,
                    Texts.duration(Duration.ofNanos(PAUSE_AFTER_FAILURE_NANOS)),
                    t);
            return PAUSE_AFTER_FAILURE_NANOS;
        }
    }

    /** The rounds on the thread of a test. */
    private final class OnCaller implements ThreadlessClock.Rounds {

        @Override
        public Alarm alarm() {
            return alarm;
        }

        @Override
        public boolean isRunning() {
            return Loop.this.isRunning();
        }

        @Override
        public long round() {
            try {
                return Loop.this.round();
            } catch (InterruptedException e) {
                log.warn("{} was interrupted and goes on", name);
                return 0;
            }
        }
    }

    private void joinUninterruptibly() {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
