package io.tidemill.broker.memory;

import io.tidemill.queue.Limits;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;

/** The jobs of one group that wait, and what is known of those that run. Guarded by the lock of its queue. */
final class Group {

    /** Where a group is: among those that take turns, held up by a limit, or nowhere because none of its jobs waits. */
    enum Place {
        NOWHERE,
        TURNS,
        PARKED
    }

    /** Parked until somebody looks. */
    static final long AT_ONCE = 0;

    /** Parked until one of its jobs gives its place back. */
    static final long UNTIL_ROOM = Long.MAX_VALUE;

    final String name;
    final ArrayDeque<StoredJob> line = new ArrayDeque<>();
    /**
     * Ids of its jobs that run, and in order also of those that wait to be tried again: ids and no number, so that
     * nothing is counted twice or not at all.
     */
    final Set<String> holders = new HashSet<>();

    final RateLimiter pace = new RateLimiter();
    Place place = Place.NOWHERE;
    /** When it may take turns again, in ms, or {@link #UNTIL_ROOM}. Changed only while it is not parked. */
    long parkedUntil;

    Group(String name) {
        this.name = name;
    }

    /** When one more of its jobs may start: now, later, or {@link #UNTIL_ROOM}. */
    long servableAt(Limits limits, long now) {
        if (limits.concurrency() != null
                && holders.size() >= limits.concurrency().jobs()) {
            return UNTIL_ROOM;
        }
        return limits.rate() == null ? now : now + pace.waitMillis(limits.rate(), now);
    }

    /** Whether there is nothing to remember of it. */
    boolean isForgettable(long now) {
        return place == Place.NOWHERE && holders.isEmpty() && pace.isOver(now);
    }
}
