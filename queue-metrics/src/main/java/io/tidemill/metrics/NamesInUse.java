package io.tidemill.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Which names the queues of this process have in each registry. Micrometer keeps the first gauge of an id and ignores
 * the second, so two queues that measure into one registry need two names.
 *
 * <p>Thread-safe.
 */
final class NamesInUse {

    private static final ReentrantLock lock = new ReentrantLock();
    /** A registry that nobody else has any more is forgotten. */
    private static final Map<MeterRegistry, Set<String>> names = new WeakHashMap<>();

    private NamesInUse() {}

    /** Takes this name, or if it is in use the same with the first number that is free: {@code orders-2}. */
    static String take(MeterRegistry registry, String wanted) {
        lock.lock();
        try {
            Set<String> used = names.computeIfAbsent(registry, each -> new HashSet<>());
            String name = wanted;
            for (int i = 2; !used.add(name); i++) {
                name = wanted + "-" + i;
            }
            return name;
        } finally {
            lock.unlock();
        }
    }

    /** Gives a name back. */
    static void leave(MeterRegistry registry, String name) {
        lock.lock();
        try {
            names.getOrDefault(registry, new HashSet<>()).remove(name);
        } finally {
            lock.unlock();
        }
    }
}
