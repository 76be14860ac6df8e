package io.tidemill.redis.fault;

import io.tidemill.TaskQueue;
import io.tidemill.event.JobEvent;
import io.tidemill.event.QueueEvent;
import io.tidemill.redis.RedisBroker;
import io.tidemill.redis.RedisOptions;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/**
 * A worker process that a test starts, kills and freezes. Writes what happens to a journal file, a line each: events of
 * its queue and the effects of its task.
 */
public final class WorkerMain {

    private static final long LOOK_NANOS = Duration.ofMillis(5).toNanos();

    private WorkerMain() {}

    /** The task whose runs the test follows. */
    public static final class Tasks {

        private final Journal journal;
        private final String name;
        private final Path gate;

        Tasks(Journal journal, String name, Path gate) {
            this.journal = journal;
            this.name = name;
            this.gate = gate;
        }

        /** Runs until the gate of its process is open; returns the process's name. */
        @Task(name = "hold", queue = "held")
        public String hold() throws InterruptedException {
            journal.write("begun " + TaskContext.current().attempt());
            while (!Files.exists(gate)) {
                LockSupport.parkNanos(LOOK_NANOS);
                if (Thread.interrupted()) {
                    journal.write(
                            "interrupted leaseValid=" + TaskContext.current().isLeaseValid());
                    throw new InterruptedException();
                }
            }
            return name;
        }

        /**
         * Six steps. In the first process each run stands after the second of them, in the second after the fourth. By
         * the name of the process and not by the run's number: a busy machine may lose a lease.
         */
        @Task(name = "steps", queue = "held", retry = @Retry(delay = "50ms"))
        public String steps() throws InterruptedException {
            int last = name.equals("first") ? 2 : name.equals("second") ? 4 : Integer.MAX_VALUE;
            TaskContext context = TaskContext.current();
            for (int i = 1; i <= 6; i++) {
                int step = i;
                int value = context.step("step" + i, Integer.class, () -> {
                    journal.write("did " + step);
                    return step;
                });
                journal.write("has " + value);
                if (i == last) {
                    journal.write("stands after " + i);
                    new CountDownLatch(1).await();
                }
            }
            return name;
        }

        /** Ends the process, as a job that crashes the JVM does. */
        @Task(name = "halt", queue = "held")
        public void halt() {
            journal.write("halting " + TaskContext.current().attempt());
            Runtime.getRuntime().halt(3);
        }
    }

    /** An append-only file that several processes write to, line by line. */
    static final class Journal {

        private final Path file;
        private final String name;

        Journal(Path file, String name) {
            this.file = file;
            this.name = name;
        }

        void write(String line) {
            try {
                Files.writeString(file, name + " " + line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Arguments: address of Redis, name of this process, journal file, gate file, lease in ms. */
    public static void main(String[] arguments) throws Exception {
        Journal journal = new Journal(Path.of(arguments[2]), arguments[1]);
        TaskQueue queue = TaskQueue.builder()
                .broker(RedisBroker.connect(
                        arguments[0], RedisOptions.defaults().withConnectTimeout(Duration.ofSeconds(30))))
                .tasks(new Tasks(journal, arguments[1], Path.of(arguments[3])))
                .lease(Duration.ofMillis(Long.parseLong(arguments[4])))
                .listener(event -> {
                    if (event instanceof JobEvent job && !(event instanceof QueueEvent.Started)) {
                        journal.write(event.getClass().getSimpleName() + " " + job.jobId());
                    }
                })
                .start();
        journal.write("up");
        Runtime.getRuntime().addShutdownHook(new Thread(queue::close));
        new CountDownLatch(1).await();
    }
}
