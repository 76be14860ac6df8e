package io.tidemill.benchmarks.load;

import io.tidemill.TaskQueue;
import io.tidemill.client.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;

/** Threads that enqueue, each with a bounded number of unanswered requests, at a common rate. */
final class Producers {

    /** The array around the two arguments, the comma, the quotes, and a number of nanoseconds. */
    private static final int AROUND = 20;

    private final TaskQueue queue;
    private final Meter meter;
    private final int threads;
    private final int inFlight;
    private final int rate;
    private final String filling;

    Producers(TaskQueue queue, Meter meter, int threads, int inFlight, int rate, int payload) {
        this.queue = queue;
        this.meter = meter;
        this.threads = threads;
        this.inFlight = inFlight;
        this.rate = rate;
        this.filling = "x".repeat(Math.max(0, payload - AROUND));
    }

    /** Enqueues for so long, and waits until everything is stored. */
    void run(long nanos) throws InterruptedException {
        long end = System.nanoTime() + nanos;
        List<Thread> running = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Thread thread = new Thread(() -> produce(end), "load-producer-" + i);
            thread.start();
            running.add(thread);
        }
        for (Thread thread : running) {
            thread.join();
        }
    }

    private void produce(long end) {
        Semaphore room = new Semaphore(inFlight);
        double gap = rate == 0 ? 0 : 1e9 * threads / rate;
        long start = System.nanoTime();
        for (long sent = 0; ; sent++) {
            long due = rate == 0 ? System.nanoTime() : start + (long) (sent * gap);
            if (due - end >= 0) {
                break;
            }
            for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
                LockSupport.parkNanos(wait);
            }
            room.acquireUninterruptibly();
            long counted = rate == 0 ? System.nanoTime() : due;
            var unused = queue.enqueueAsync(Call.call(LoadTasks::take, counted, filling))
                    .whenComplete((handle, failure) -> {
                        room.release();
                        if (failure == null) {
                            meter.stored().record(System.nanoTime() - counted);
                        } else {
                            System.err.println("not stored: " + failure.getMessage());
                        }
                    });
        }
        room.acquireUninterruptibly(inFlight);
    }
}
