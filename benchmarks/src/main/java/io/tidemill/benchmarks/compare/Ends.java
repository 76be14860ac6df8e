package io.tidemill.benchmarks.compare;

import io.tidemill.event.QueueEvent;
import io.tidemill.event.QueueListener;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Takes the time of so many jobs: when the first one starts and when the last end is recorded.
 *
 * <p>Thread-safe.
 */
final class Ends implements QueueListener {

    private static final long MOST_SECONDS = 120;

    private final long jobs;
    private final AtomicLong first = new AtomicLong();
    private final AtomicLong ended = new AtomicLong();
    private final AtomicLong last = new AtomicLong();
    private final CountDownLatch all = new CountDownLatch(1);

    Ends(long jobs) {
        this.jobs = jobs;
    }

    /** The first line of each handler. */
    void started() {
        if (first.get() == 0) {
            first.compareAndSet(0, System.nanoTime());
        }
    }

    @Override
    public void on(QueueEvent event) {
        if (event instanceof QueueEvent.Succeeded && ended.incrementAndGet() == jobs) {
            last.set(System.nanoTime());
            all.countDown();
        }
    }

    /** Waits for the last end. */
    void await() {
        try {
            if (!all.await(MOST_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException(
                        ended.get() + " of " + jobs + " jobs ended within " + MOST_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** When the first job started, of {@link System#nanoTime}. */
    long firstNanos() {
        return first.get();
    }

    /** When the last end was recorded, of {@link System#nanoTime}. */
    long lastNanos() {
        return last.get();
    }
}
