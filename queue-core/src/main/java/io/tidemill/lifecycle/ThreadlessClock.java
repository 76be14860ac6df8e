package io.tidemill.lifecycle;

import io.tidemill.time.Alarm;
import io.tidemill.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.random.RandomGenerator;

/**
 * A clock for tests on which a queue has no threads: what would run on a thread of the queue is handed to the clock,
 * and runs on the thread of whoever moves it. So a test is the only thread, and nothing happens while time stands
 * still.
 *
 * <p>Nobody but a test has such a clock. The parts of a queue ask for it where they would start a thread or wait for
 * another one: {@link Loop}, {@link Threads} and the handles of jobs.
 *
 * <p>Implementations must be thread-safe: jobs may be enqueued by other threads.
 */
public interface ThreadlessClock extends Clock {

    /** Keeps what it is given, in order, until it is run on the thread that moves the clock. */
    ExecutorService executor();

    /** A loop has started: from now on its rounds are done on the thread that moves the clock. */
    void begin(Rounds loop);

    /** Runs what was handed to the {@link #executor}, but begins no job, and nothing else; the clock does not move. */
    void runTasks();

    /**
     * Waits for an answer in the time of this clock: moves the clock until there is one, or by so much.
     *
     * @param nanos the longest wait
     */
    void await(CompletableFuture<?> answer, long nanos) throws InterruptedException;

    /** Where the jitter of retries comes from, so that a test sees the same waits each time. */
    RandomGenerator random();

    /** Work for the {@link #executor} that begins the run of a job. The clock may let it wait until a test goes on. */
    interface BeginsRun extends Runnable {}

    /** A loop without a thread. */
    interface Rounds {

        /** Rings when the next round is to begin at once. One of this clock's. */
        Alarm alarm();

        /** Whether the loop was not stopped. */
        boolean isRunning();

        /** Does one round and returns the longest wait before the next, in nanoseconds. Throws nothing. */
        long round();
    }
}
