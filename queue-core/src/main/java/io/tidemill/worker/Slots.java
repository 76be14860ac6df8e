package io.tidemill.worker;

import java.util.LinkedHashSet;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * How many jobs may still be started here. Shared by all lanes, and fair: a lane that finds no slot for it is
 * remembered, and lanes that have waited longer come first, so that no queue starves another.
 *
 * <p>Whenever slots are free and a lane is hungry, the caller is told which lane to wake: nobody waits for a slot that
 * is there.
 *
 * <p>Never blocks. Thread-safe.
 */
final class Slots {

    /**
     * What a lane got.
     *
     * @param count how many slots; 0 remembers the lane as hungry
     * @param next the lane that should ask now, because slots are left and it waits for some; null if there is none
     */
    record Taken(int count, @Nullable Lane next) {}

    private final ReentrantLock lock = new ReentrantLock();
    /** Lanes that went away with nothing, longest first. */
    private final LinkedHashSet<Lane> hungry = new LinkedHashSet<>();

    private final int total;
    private int free;
    /** Jobs that are to run with nothing new beside them. While there are any, no slot is given out. */
    private int alone;

    Slots(int total) {
        this.total = total;
        this.free = total;
    }

    /**
     * Takes slots: all that are free, or a fair share while others are hungry, or none while others have waited longer
     * and would get nothing.
     *
     * @param max most to take
     */
    Taken take(Lane lane, int max) {
        lock.lock();
        try {
            int count = alone == 0 && free > ahead(lane) ? Math.min(max, Math.max(1, free / waitingWith(lane))) : 0;
            if (count == 0) {
                hungry.add(lane);
            } else {
                hungry.remove(lane);
            }
            free -= count;
            return new Taken(count, next());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Gives slots back.
     *
     * @return the lane that should ask now; null if there is none
     */
    @Nullable
    Lane give(int count) {
        lock.lock();
        try {
            free += count;
            if (free > total) {
                throw new IllegalStateException("more slots given back than taken");
            }
            return next();
        } finally {
            lock.unlock();
        }
    }

    /** A job has begun that nothing new may be started beside. */
    void isolate() {
        lock.lock();
        try {
            alone++;
        } finally {
            lock.unlock();
        }
    }

    /** A job that was isolated has ended; its slot is given back by {@link #give} as any other. */
    void endIsolation() {
        lock.lock();
        try {
            alone--;
        } finally {
            lock.unlock();
        }
    }

    /** Whether no slot is left. */
    boolean areAllTaken() {
        lock.lock();
        try {
            return free == 0;
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

    /** How many lanes have waited longer than this one. */
    private int ahead(Lane lane) {
        int ahead = 0;
        for (Lane other : hungry) {
            if (other == lane) {
                return ahead;
            }
            ahead++;
        }
        return ahead;
    }

    private int waitingWith(Lane lane) {
        return hungry.contains(lane) ? hungry.size() : hungry.size() + 1;
    }

    private @Nullable Lane next() {
        return free == 0 || alone > 0 || hungry.isEmpty()
                ? null
                : hungry.iterator().next();
    }
}
