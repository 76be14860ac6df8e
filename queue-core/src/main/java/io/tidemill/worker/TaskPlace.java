package io.tidemill.worker;

import io.tidemill.async.Safely;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The place of one run among the runs of its task, where a task has a limit, and its waiting before it begins: for such
 * a place on its thread, or for its batch without one.
 *
 * <p>Thread-safe.
 */
final class TaskPlace {

    private final AtomicReference<@Nullable Runnable> held = new AtomicReference<>();
    private final ReentrantLock lock = new ReentrantLock();
    /** The thread that waits; null before and after. Guarded by the lock. */
    private @Nullable Thread waiting;
    /** What takes it out of the line in which it waits for its batch; null if it never did. Guarded by the lock. */
    private @Nullable Runnable leaveLine;

    /**
     * Takes a place, and waits for one if there is none.
     *
     * @param mayWait asked once, before it waits; a reason that comes later calls {@link #waitNoLonger}
     * @return false if it has no place: it may not wait, or may no longer
     */
    boolean await(Semaphore places, BooleanSupplier mayWait) {
        Runnable giveBack = places::release;
        if (places.tryAcquire()) {
            held.set(giveBack);
            return true;
        }
        lock.lock();
        try {
            if (!mayWait.getAsBoolean()) {
                return false;
            }
            waiting = Thread.currentThread();
        } finally {
            lock.unlock();
        }
        try {
            places.acquire();
            held.set(giveBack);
            return true;
        } catch (InterruptedException e) {
            return false;
        } finally {
            lock.lock();
            try {
                waiting = null;
                // An interrupt that came too late.
                Thread.interrupted();
            } finally {
                lock.unlock();
            }
        }
    }

    /**
     * Waits for its batch, without a thread.
     *
     * @param leave takes it out of the line, if it still stands there
     * @param mayWait asked once; a reason that comes later calls {@link #waitNoLonger}
     * @return false if it may not wait
     */
    boolean awaitBatch(Runnable leave, BooleanSupplier mayWait) {
        lock.lock();
        try {
            boolean waits = mayWait.getAsBoolean();
            leaveLine = waits ? leave : null;
            return waits;
        } finally {
            lock.unlock();
        }
    }

    /** Has a place that is given back by this. */
    void take(Runnable giveBack) {
        held.set(giveBack);
    }

    /** Ends the waiting, if it waits. */
    void waitNoLonger() {
        Runnable leave;
        lock.lock();
        try {
            if (waiting != null) {
                waiting.interrupt();
            }
            leave = leaveLine;
            leaveLine = null;
        } finally {
            lock.unlock();
        }
        if (leave != null) {
            Safely.run("taking a job out of the line for its batch", leave);
        }
    }

    /** Gives the place back, once. */
    void leave() {
        Runnable giveBack = held.getAndSet(null);
        if (giveBack != null) {
            giveBack.run();
        }
    }
}
