package io.tidemill.worker;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Remembers how often this worker met a job that is not for it. Counted here and not on the job, because a job's
 * releases also count snoozes and shutdowns, and those are no reason to give it up. Forgets the jobs met longest ago
 * beyond the newest {@value #REMEMBERED}.
 *
 * <p>Thread-safe.
 */
final class UnknownTasks {

    private static final int REMEMBERED = 10_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Integer> timesMet = new LinkedHashMap<>(16, 0.75f, true) {

        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** Counts one more meeting, and says how many there were before. */
    int meet(String queue, String id) {
        lock.lock();
        try {
            return timesMet.merge(queue + '/' + id, 1, Integer::sum) - 1;
        } finally {
            lock.unlock();
        }
    }
}
