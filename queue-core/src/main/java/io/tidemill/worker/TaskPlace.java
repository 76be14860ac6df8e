package io.tidemill.worker;

import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The place of one run among the runs of its task, where a task has a limit.
 *
 * <p>Thread-safe.
 */
final class TaskPlace {

    private final AtomicReference<@Nullable Semaphore> held = new AtomicReference<>();
    private final ReentrantLock lock = new ReentrantLock();
    /** The thread that waits; null before and after. Guarded by the lock. */
    private @Nullable Thread waiting;

    /**
     * Takes a place, and waits for one if there is none.
     *
     * @param mayWait asked once, before it waits; a reason that comes later calls {@link #waitNoLonger}
     * @return false if it has no place: it may not wait, or may no longer
     */
    boolean await(Semaphore places, BooleanSupplier mayWait) {
        if (places.tryAcquire()) {
            held.set(places);
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
            held.set(places);
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

    /** Ends the waiting, if a thread waits. */
    void waitNoLonger() {
        lock.lock();
        try {
            if (waiting != null) {
                waiting.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Gives the place back, once. */
    void leave() {
        Semaphore places = held.getAndSet(null);
        if (places != null) {
            places.release();
        }
    }
}
