package io.tidemill.redis.fault;

import io.tidemill.TaskQueue;
import io.tidemill.conformance.fault.HistoryEvent.Kind;
import io.tidemill.conformance.fault.Journal;
import io.tidemill.conformance.fault.JournalingBroker;
import io.tidemill.redis.RedisBroker;
import io.tidemill.redis.RedisOptions;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import io.tidemill.task.TaskSignal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/** A worker process of {@link ChaosIT}. Everything that it asks, hears and runs goes to its journal. */
public final class ChaosWorker {

    static final String QUEUE = "chaos";
    private static final int CONCURRENCY = 100;
    private static final Duration NAP = Duration.ofMillis(300);

    private ChaosWorker() {}

    /** Quicker than the defaults to see that an answer does not come: the run has many of those. */
    static RedisOptions options() {
        return RedisOptions.defaults()
                .withCommandTimeout(Duration.ofMillis(500))
                .withLazyConnect(true);
    }

    /** Tasks that end in each of the ways in which a task can. */
    public static final class Tasks {

        private final Journal journal;

        Tasks(Journal journal) {
            this.journal = journal;
        }

        private void run(Runnable work) {
            TaskContext context = TaskContext.current();
            journal.run(Kind.STARTED, context.jobId(), context.attempt(), "");
            try {
                work.run();
            } finally {
                journal.run(Kind.FINISHED, context.jobId(), context.attempt(), "");
            }
        }

        @Task(name = "touch", queue = QUEUE)
        public void touch() {
            run(() -> {});
        }

        @Task(name = "answer", queue = QUEUE)
        public String answer() {
            run(() -> {});
            return "42";
        }

        /** Long enough to be caught at it by a kill. */
        @Task(name = "linger", queue = QUEUE)
        public void linger() {
            run(() -> {
                long end = System.nanoTime() + NAP.toNanos();
                for (long left = NAP.toNanos(); left > 0; left = end - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                    if (Thread.interrupted()) {
                        throw new IllegalStateException("interrupted");
                    }
                }
            });
        }

        @Task(name = "stumble", queue = QUEUE, retry = @Retry(delay = "50ms"))
        public void stumble() {
            run(() -> {
                if (TaskContext.current().attempt() == 1) {
                    throw new IllegalStateException("the first time");
                }
            });
        }

        @Task(name = "snooze", queue = QUEUE)
        public void snooze() {
            run(() -> {
                if (TaskContext.current().attempt() == 1) {
                    throw new TaskSignal.Snooze(Duration.ofMillis(50));
                }
            });
        }

        /** Three steps. Its first run fails after the second of them. */
        @Task(name = "steps", queue = QUEUE, retry = @Retry(delay = "50ms"))
        public void steps() {
            run(() -> {
                step("first");
                step("second");
                if (TaskContext.current().attempt() == 1) {
                    throw new IllegalStateException("the first time");
                }
                step("third");
            });
        }

        private void step(String name) {
            TaskContext context = TaskContext.current();
            context.step(name, () -> journal.run(Kind.STEP_DONE, context.jobId(), context.attempt(), name));
            journal.run(Kind.STEP_RECORDED, context.jobId(), context.attempt(), name);
        }

        @Task(name = "die", queue = QUEUE, retry = @Retry(maxAttempts = 2, delay = "50ms"))
        public void die() {
            run(() -> {
                throw new IllegalStateException("every time");
            });
        }
    }

    /** Arguments: address of Redis, name of this process, its journal, lease in ms. */
    public static void main(String[] arguments) throws Exception {
        Journal journal = Journal.onFile(Path.of(arguments[2]), arguments[1]);
        TaskQueue queue = TaskQueue.builder()
                .broker(new JournalingBroker(RedisBroker.connect(arguments[0], options()), journal))
                .tasks(new Tasks(journal))
                .concurrency(CONCURRENCY)
                .lease(Duration.ofMillis(Long.parseLong(arguments[3])))
                .drainTimeout(Duration.ofSeconds(5))
                .start();
        journal.disturbed("up");
        Runtime.getRuntime().addShutdownHook(new Thread(queue::close));
        new CountDownLatch(1).await();
    }
}
