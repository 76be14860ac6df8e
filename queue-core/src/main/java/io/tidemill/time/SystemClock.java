package io.tidemill.time;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** The machine's clock; its alarms wait on a semaphore that is drained by each wait. */
final class SystemClock implements Clock {

    static final SystemClock INSTANCE = new SystemClock();

    private SystemClock() {}

    @Override
    public long millis() {
        return System.currentTimeMillis();
    }

    @Override
    public long nanos() {
        return System.nanoTime();
    }

    @Override
    public Alarm alarm() {
        return new SemaphoreAlarm();
    }

    private static final class SemaphoreAlarm implements Alarm {

        private final Semaphore rings = new Semaphore(0);

        @Override
        public void ring() {
            // Two threads that ring at once may both release: harmless, await drains them.
            if (rings.availablePermits() == 0) {
                rings.release();
            }
        }

        @Override
        public boolean await(long nanos) throws InterruptedException {
            boolean rang = rings.tryAcquire(Math.max(0, nanos), TimeUnit.NANOSECONDS);
            rings.drainPermits();
            return rang;
        }
    }
}
