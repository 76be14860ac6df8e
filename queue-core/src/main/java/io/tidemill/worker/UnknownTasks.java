package io.tidemill.worker;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Remembers how often this worker claimed a job that it cannot run. Counted here and not on the job, because a job's
 * releases also count snoozes and shutdowns, and those are no reason to give it up. Keeps the newest
 * {@value #REMEMBERED} jobs.
 *
 * <p>Thread-safe.
 */
final class UnknownTasks {

    private static final int REMEMBERED = 10_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Integer> times = new LinkedHashMap<>(16, 0.75f, true) {

        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
            return size() > REMEMBERED;
        }
    };

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
