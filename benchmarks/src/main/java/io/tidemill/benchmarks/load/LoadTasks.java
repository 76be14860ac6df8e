package io.tidemill.benchmarks.load;

import io.tidemill.task.Task;
import java.time.Duration;

/** The task of a load run. */
public final class LoadTasks {

    private final Meter meter;
    private final Duration work;

    LoadTasks(Meter meter, Duration work) {
        this.meter = meter;
        this.work = work;
    }

    /**
     * Takes as long as it was told.
     *
     * @param sentNanos when it was to be sent, on this process's monotonic clock
     * @param filling what makes the payload as large as it is to be
     */
    @Task(name = "load", queue = "load")
    public void take(long sentNanos, String filling) throws InterruptedException {
        meter.started().record(System.nanoTime() - sentNanos);
        if (!work.isZero()) {
            Thread.sleep(work.toMillis(), work.toNanosPart() % 1_000_000);
        }
    }
}
