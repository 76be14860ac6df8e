package io.tidemill.benchmarks.idle;

import io.tidemill.TaskQueue;
import io.tidemill.benchmarks.Arguments;
import io.tidemill.benchmarks.Brokers;
import io.tidemill.benchmarks.Cpu;
import io.tidemill.benchmarks.Mail;
import io.tidemill.benchmarks.MailTasks;
import io.tidemill.benchmarks.Report;
import io.tidemill.benchmarks.compare.Wire;
import io.tidemill.client.Call;
import io.tidemill.test.redis.RedisServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What a process costs that serves many queues in which nothing happens: processor time of it and of Redis, memory, and
 * how long it takes to start, to run a job of any queue, and to end. Beside it, on a Redis of its own each: one that
 * serves one queue, for what an idle JVM and an idle Redis cost anyway, and one that serves one of as many queues.
 *
 * <pre>
 * -queues 10000     how many
 * -seconds 60       how long nothing happens
 * -settle 30        seconds before that, in which the JVM finishes compiling
 * -home .           the directory of the module
 * </pre>
 */
public final class Idle {

    private static final Set<String> OPTIONS = Set.of("queues", "seconds", "settle", "home");
    private static final List<String> COLUMNS = List.of(
            "JVM % of core",
            "Redis %", "together %", "commands/s", "heap MB", "Redis MB", "start ms", "job ms", "close ms");
    private static final int PROBES = 20;
    private static final int FULL_GCS = 3;

    private final int queues;
    private final long nanos;
    private final long settleNanos;
    private final Report report = new Report("process", COLUMNS);

    private Idle(int queues, long nanos, long settleNanos) {
        this.queues = queues;
        this.nanos = nanos;
        this.settleNanos = settleNanos;
    }

    public static void main(String[] args) throws IOException {
        Arguments arguments = Arguments.parse(args, OPTIONS);
        run(arguments).print(Path.of(arguments.text("home", "."), "target/idle.json"));
    }

    /** Runs and returns the figures. */
    static Report run(Arguments arguments) {
        Idle idle = new Idle(
                arguments.number("queues", 10_000), arguments.nanos("seconds", 60), arguments.nanos("settle", 30));
        idle.measure("serves 1 queue", 1, 0);
        idle.measure("serves 1 of " + idle.queues + " queues", 1, idle.queues);
        idle.measure("serves " + idle.queues + " queues", idle.queues, 0);
        return idle.report;
    }

    /**
     * Measures one process.
     *
     * @param others further queues in which a job waits that nobody runs
     */
    private void measure(String name, int served, int others) {
        try (RedisServer redis = RedisServer.start();
                Wire control = new Wire(redis.port())) {
            store(redis, others);
            long bytesBefore = control.info("memory", "used_memory");
            double heapBefore = heapAfterCollections();
            Semaphore ran = new Semaphore(0);
            long start = System.nanoTime();
            TaskQueue queue = TaskQueue.builder()
                    .broker(Brokers.connect(redis.uri()))
                    .tasks(new MailTasks(mail -> ran.release()))
                    .queues(names(served))
                    .start();
            double startMillis = millisSince(start);
            sleep(settleNanos);
            double heap = heapAfterCollections() - heapBefore;
            double bytes = control.info("memory", "used_memory") - bytesBefore;
            control.call("CONFIG", "RESETSTAT");
            Cpu before = Cpu.now(control);
            long from = System.nanoTime();
            sleep(nanos);
            Cpu spent = Cpu.now(control).since(before);
            double seconds = (System.nanoTime() - from) / 1e9;
            double commands = control.info("stats", "total_commands_processed");
            double job = probe(queue, served, ran);
            long closing = System.nanoTime();
            queue.close();
            report.row(
                    name,
                    100 * spent.jvm() / seconds,
                    100 * spent.redis() / seconds,
                    100 * (spent.jvm() + spent.redis()) / seconds,
                    commands / seconds,
                    heap / (1 << 20),
                    bytes / (1 << 20),
                    startMillis,
                    job,
                    millisSince(closing));
        }
    }

    private static void store(RedisServer redis, int others) {
        try (TaskQueue producer =
                TaskQueue.builder().broker(Brokers.connect(redis.uri())).start()) {
            for (int i = 0; i < others; i++) {
                producer.enqueue(Call.call(MailTasks::send, Mail.WELCOME).queue("other-" + i));
            }
        }
    }

    /**
     * How long a job takes from another process's enqueue to its start, at the most, in queues picked here and there.
     */
    private static double probe(TaskQueue queue, int served, Semaphore ran) {
        double longest = 0;
        for (int i = 0; i < PROBES; i++) {
            long start = System.nanoTime();
            queue.enqueue(Call.call(MailTasks::send, Mail.WELCOME).queue(name((int) ((long) served * i / PROBES))));
            try {
                if (!ran.tryAcquire(60, TimeUnit.SECONDS)) {
                    throw new IllegalStateException("a job did not start within 60 s");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            longest = Math.max(longest, millisSince(start));
        }
        return longest;
    }

    private static String[] names(int count) {
        String[] names = new String[count];
        for (int i = 0; i < count; i++) {
            names[i] = name(i);
        }
        return names;
    }

    private static String name(int i) {
        return "queue-" + i;
    }

    private static double heapAfterCollections() {
        for (int i = 0; i < FULL_GCS; i++) {
            System.gc();
            sleep(Duration.ofMillis(100).toNanos());
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static double millisSince(long nanos) {
        return (System.nanoTime() - nanos) / 1e6;
    }

    private static void sleep(long nanos) {
        long until = System.nanoTime() + nanos;
        for (long rest = nanos; rest > 0; rest = until - System.nanoTime()) {
            LockSupport.parkNanos(rest);
        }
    }
}
