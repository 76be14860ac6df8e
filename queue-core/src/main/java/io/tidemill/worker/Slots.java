package io.tidemill.worker;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
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
 * other from free ones. One that may not claim leaves the line until it asks again.
 *
 * <p>The cost of a call does not grow with the number of queues, only with the number of free slots.
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
    /** Queues that got nothing when they asked and may take a slot, longest first. */
    private final LinkedHashSet<Q> waiting = new LinkedHashSet<>();

    /** Queues that got nothing when they asked because all of their own slots were in use. */
    private final Set<Q> atLimit = new HashSet<>();

    /** What is left to those queues that have a limit of their own. */
    private final Map<Q, Integer> own = new HashMap<>();

    private int total;
    /** Below zero while more jobs hold a slot than there are since a {@link #resize}. */
    private int free;
    /** Isolated jobs that have begun. While there are any, no slot is given out. */
    private int alone;

    Slots(int total) {
        this.total = total;
        this.free = total;
    }

    /**
     * Changes how many slots there are. Jobs that hold one keep it; while they are more than that, none is given out.
     *
     * @return the queue that should ask now; null if there is none
     */
    @Nullable
    Q resize(int jobs) {
        lock.lock();
        try {
            free += jobs - total;
            total = jobs;
            return next();
        } finally {
            lock.unlock();
        }
    }

    /** How many slots there are. */
    int total() {
        lock.lock();
        try {
            return total;
        } finally {
            lock.unlock();
        }
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
            int left = ownLeft(queue);
            if (left == 0) {
                atLimit.add(queue);
                return new Taken<>(0, next());
            }
            int share = free > 0 && alone == 0 && aheadOf(queue) < free ? Math.max(1, free / sharing(queue)) : 0;
            int count = Math.min(left, Math.min(max, share));
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
            if (ownLeft(queue) > 0 && atLimit.remove(queue)) {
                waiting.add(queue);
            }
            return next();
        } finally {
            lock.unlock();
        }
    }

    /**
     * The queue may not claim now: it waits for slots no longer, until it asks again.
     *
     * @return the queue that should ask now; null if there is none
     */
    @Nullable
    Q leave(Q queue) {
        lock.lock();
        try {
            waiting.remove(queue);
            atLimit.remove(queue);
            return next();
        } finally {
            lock.unlock();
        }
    }

    /** Whether it waits for a slot that any queue may take. */
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
            return free <= 0 || ownLeft(queue) == 0;
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
            if (other == queue || ahead >= free) {
                return ahead;
            }
            ahead++;
        }
        return ahead;
    }

    /** How many queues want free slots, with this one. */
    private int sharing(Q queue) {
        return waiting.contains(queue) ? waiting.size() : waiting.size() + 1;
    }

    private int ownLeft(Q queue) {
        return own.isEmpty() ? Integer.MAX_VALUE : own.getOrDefault(queue, Integer.MAX_VALUE);
    }

    private void change(Q queue, int count) {
        free += count;
        own.computeIfPresent(queue, (limited, left) -> left + count);
    }

    private @Nullable Q next() {
        return free <= 0 || alone > 0 || waiting.isEmpty()
                ? null
                : waiting.iterator().next();
    }
}
