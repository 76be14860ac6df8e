package io.tidemill.worker;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Remembers how often this worker claimed a job that it cannot run and leaves for others. Counted here and not on the
 * job, because a job's releases also count snoozes and shutdowns, and those are no reason to give it up. Keeps the
 * newest {@value #REMEMBERED} jobs.
 *
 * <p>Thread-safe.
 */
final class LeftForOthers {

    private static final int REMEMBERED = 10_000;
    private static final int REASONS = 100;

    private final ReentrantLock lock = new ReentrantLock();
    private final Set<String> reasons = new HashSet<>();
    private final Map<String, Integer> times = new LinkedHashMap<>(16, 0.75f, true) {

        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** Whether this is the first job that is left for this reason. False for ever after {@value #REASONS} of them. */
    boolean isNew(String reason) {
        lock.lock();
        try {
            return reasons.size() < REASONS && reasons.add(reason);
        } finally {
            lock.unlock();
        }
    }

    /** Counts one more time. Returns how many there were before. */
    int count(String queue, String id) {
        lock.lock();
        try {
            return times.merge(queue + '/' + id, 1, Integer::sum) - 1;
        } finally {
            lock.unlock();
        }
    }
}
