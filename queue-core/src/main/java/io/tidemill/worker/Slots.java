package io.tidemill.worker;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * How many jobs may still be started here. Shared by all queues of a worker, and fair: a queue that gets no slot is
 * remembered, and queues that have waited longer come first, so that none starves another.
 *
 * <p>Whenever slots are free and a queue waits for some, the caller gets the one to wake: no queue waits for a slot
 * that is free.
 *
 * <p>A queue may have a limit of its own below the total. One that has reached it waits for its own slots and keeps no
 * other from free ones.
 *
 * <p>Never blocks. Thread-safe.
 *
 * @param <Q> what takes slots on behalf of a queue
 */
final class Slots<Q> {

    /**
     * What a queue got.
     *
     * @param count how many slots; with 0 the queue is remembered as waiting
     * @param next the queue that should ask now, because slots are left and it waits for some; null if there is none
     */
    record Taken<Q>(int count, @Nullable Q next) {}

    private final ReentrantLock lock = new ReentrantLock();
    /** Queues that got nothing when they asked, longest first. */
    private final LinkedHashSet<Q> waiting = new LinkedHashSet<>();

    /** What is left to those queues that have a limit of their own. */
    private final Map<Q, Integer> own = new HashMap<>();

    private final int total;
    private int free;
    /** Jobs that are to run with nothing new beside them. While there are any, no slot is given out. */
    private int alone;

    Slots(int total) {
        this.total = total;
        this.free = total;
    }

    /** Gives a queue a limit of its own. Called before it takes any slots. */
    void limit(Q queue, int jobs) {
        own.put(queue, jobs);
    }

    /**
     * Takes slots: all that are free, or a fair share while others wait, or none while others have waited longer and
     * would get nothing.
     *
     * @param max most to take
     */
    Taken<Q> take(Q queue, int max) {
        lock.lock();
        try {
            int share = alone == 0 && aheadOf(queue) < free ? Math.max(1, free / sharing(queue)) : 0;
            int count = Math.min(ownLeft(queue), Math.min(max, share));
            if (count == 0) {
                waiting.add(queue);
            } else {
                waiting.remove(queue);
            }
            change(queue, -count);
            return new Taken<>(count, next());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Gives slots of a queue back.
     *
     * @return the queue that should ask now; null if there is none
     */
    @Nullable
    Q give(Q queue, int count) {
        lock.lock();
        try {
            change(queue, count);
            if (free > total) {
                throw new IllegalStateException("more slots given back than taken");
            }
            return next();
        } finally {
            lock.unlock();
        }
    }

    /** Whether it got nothing when it asked last. */
    boolean isWaiting(Q queue) {
        lock.lock();
        try {
            return waiting.contains(queue);
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

    /** Whether nothing new may be started now. */
    boolean isSomethingAlone() {
        lock.lock();
        try {
            return alone > 0;
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

    /** Whether no slot is left for this queue. */
    boolean areAllTaken(Q queue) {
        lock.lock();
        try {
            return free == 0 || ownLeft(queue) == 0;
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

    /** How many queues have waited longer than this one; no more than there are free slots, as more do not matter. */
    private int aheadOf(Q queue) {
        int ahead = 0;
        for (Q other : waiting) {
            if (other == queue || ahead == free) {
                return ahead;
            }
            ahead += ownLeft(other) == 0 ? 0 : 1;
        }
        return ahead;
    }

    private int sharing(Q queue) {
        int others = waiting.contains(queue) ? waiting.size() - 1 : waiting.size();
        for (Map.Entry<Q, Integer> each : own.entrySet()) {
            boolean cannotTake = each.getValue() == 0 && each.getKey() != queue && waiting.contains(each.getKey());
            others -= cannotTake ? 1 : 0;
        }
        return others + 1;
    }

    private int ownLeft(Q queue) {
        return own.isEmpty() ? Integer.MAX_VALUE : own.getOrDefault(queue, Integer.MAX_VALUE);
    }

    private void change(Q queue, int count) {
        free += count;
        own.computeIfPresent(queue, (limited, left) -> left + count);
    }

    private @Nullable Q next() {
        if (free == 0 || alone > 0) {
            return null;
        }
        for (Q queue : waiting) {
            if (ownLeft(queue) > 0) {
                return queue;
            }
        }
        return null;
    }
}
