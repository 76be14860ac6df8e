package io.tidemill.worker;

import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * How many jobs may still be started here. Shared by all lanes: one that finds no slot free is remembered, and gets its
 * turn before a busy lane takes the freed slots again, so that no queue starves another.
 *
 * <p>Never blocks. Thread-safe.
 */
final class Slots {

    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Lane> hungry = new ArrayDeque<>();
    private final int total;
    private int free;

    Slots(int total) {
        this.total = total;
        this.free = total;
    }

    /**
     * Takes slots.
     *
     * @param max most to take
     * @return how many were taken: all that are free, or a fair share while other lanes are hungry; 0 remembers this
     *     lane as hungry
     */
    int take(Lane lane, int max) {
        lock.lock();
        try {
            hungry.remove(lane);
            int taken = Math.min(max, hungry.isEmpty() ? free : free / (hungry.size() + 1));
            if (taken == 0) {
                hungry.add(lane);
            }
            free -= taken;
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Gives slots back.
     *
     * @return the lane that has been hungry longest and should ask again; null if there is none
     */
    @Nullable
    Lane give(int count) {
        lock.lock();
        try {
            free += count;
            if (free > total) {
                throw new IllegalStateException("more slots given back than taken");
            }
            return free == 0 ? null : hungry.peek();
        } finally {
            lock.unlock();
        }
    }

    /** How many jobs hold a slot. */
    int inUse() {
        lock.lock();
        try {
            return total - free;
        } finally {
            lock.unlock();
        }
    }
}
