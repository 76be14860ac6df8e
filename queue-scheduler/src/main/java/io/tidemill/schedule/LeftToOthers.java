package io.tidemill.schedule;

import io.tidemill.broker.ScheduleStore;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The schedules that this process cannot fire, by queue: those of a newer version, and those whose key it has not. It
 * does not take them, so it does not hold up the processes that can. From time to time it looks whether it can fire
 * them now.
 *
 * <p>Confined to the thread of the {@link Ticker}.
 */
final class LeftToOthers {

    private static final long LOOK_AGAIN_MILLIS = 60_000;

    private final Map<String, Queue> queues = new HashMap<>();

    private static final class Queue {

        private final Set<String> names = new HashSet<>();
        private long lookedMillis;
    }

    Set<String> names(String queue) {
        Queue there = queues.get(queue);
        return there == null ? Set.of() : Set.copyOf(there.names);
    }

    /**
     * Adds one.
     *
     * @param now the broker's clock
     * @return whether it is added; else it is there already, or there are too many of one queue for a request
     */
    boolean add(String queue, String name, long now) {
        Queue there = queues.computeIfAbsent(queue, it -> new Queue());
        if (there.names.isEmpty()) {
            there.lookedMillis = now;
        }
        return there.names.size() < ScheduleStore.MAX_TAKEN && there.names.add(name);
    }

    /** Whether it is time to look again; if so, it was done now. */
    boolean looksAgain(String queue, long now) {
        Queue there = queues.get(queue);
        // A clock that was set back must not keep it from looking.
        if (there == null || Math.abs(now - there.lookedMillis) < LOOK_AGAIN_MILLIS) {
            return false;
        }
        there.lookedMillis = now;
        return true;
    }

    /** Takes out all but these. */
    void retain(String queue, Set<String> names) {
        Queue there = queues.get(queue);
        if (there != null) {
            there.names.retainAll(names);
            if (there.names.isEmpty()) {
                queues.remove(queue);
            }
        }
    }
}
