package io.tidemill.benchmarks.soak;

import io.tidemill.TaskQueue;
import io.tidemill.benchmarks.Arguments;
import io.tidemill.benchmarks.Brokers;
import io.tidemill.benchmarks.Mail;
import io.tidemill.benchmarks.Report;
import io.tidemill.benchmarks.compare.Wire;
import io.tidemill.client.Call;
import io.tidemill.queue.Limit;
import io.tidemill.task.Unique;
import io.tidemill.test.redis.RedisServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Runs a mix of all that jobs can ask for, as fast as it goes, and looks every 10 s whether anything grows. Exits with
 * 1 if something does.
 *
 * <p>The mix: seven tenths plain, of which one in a hundred fails once; one tenth each returns a result that is kept
 * for a second, has one of ten priorities and a delay of up to a second, and is unique or belongs to one of 100 groups
 * that a limit lets run two at a time. A producer keeps some thousands of jobs in the queue and no more.
 *
 * <p>The line of best fit through the second half of the samples, the first half being for compilers, caches and pools
 * to fill, is to rise by no more than so much from one end to the other: memory of the JVM and of Redis by a tenth of
 * the mean, the live heap by that or 2 MB, as it is small and jobs pass through it; connections and files by 2; threads
 * by 5, since before Java 21 those that run jobs come and go with the load, as many as may run at once. Keys follow the
 * number of jobs that wait, which moves, so they are to rise by no more than it and a tenth.
 *
 * <pre>
 * -minutes 15         how long
 * -every 10           seconds between samples
 * -concurrency 100    most jobs that run at once
 * -backlog 5000       most jobs that are stored and have not ended
 * -home .             the directory of the module
 * </pre>
 */
public final class Soak {

    private static final Set<String> OPTIONS = Set.of("minutes", "every", "concurrency", "backlog", "home");
    private static final double SHARE = 0.1;
    private static final double FEW = 2;
    private static final double FEW_THREADS = 5;
    private static final double HEAP_MB = 2;
    private static final int GROUPS = 100;
    private static final int KEYS = 1000;
    private static final long SEED = 7;

    private final TaskQueue queue;
    private final Semaphore room;
    private final SplittableRandom random = new SplittableRandom(SEED);
    private final AtomicLong ended;
    private int serial;

    private Soak(TaskQueue queue, Semaphore room, AtomicLong ended) {
        this.queue = queue;
        this.room = room;
        this.ended = ended;
    }

    public static void main(String[] args) throws IOException {
        Arguments arguments = Arguments.parse(args, OPTIONS);
        Report report = new Report("figure", List.of("first half", "second half", "rise", "allowed", "flat"));
        boolean isFlat = run(arguments, report);
        report.print(Path.of(arguments.text("home", "."), "target/soak.json"));
        if (!isFlat) {
            System.err.println("not flat");
            System.exit(1);
        }
    }

    /** Runs, and fills the report. Returns whether nothing grew. */
    static boolean run(Arguments arguments, Report report) {
        int backlog = arguments.number("backlog", 5000);
        List<double[]> samples = new ArrayList<>();
        try (RedisServer redis = RedisServer.start();
                Wire control = new Wire(redis.port())) {
            Semaphore room = new Semaphore(backlog);
            AtomicLong ended = new AtomicLong();
            TaskQueue queue = TaskQueue.builder()
                    .broker(Brokers.connect(redis.uri()))
                    .concurrency(arguments.number("concurrency", 100))
                    .tasks(new SoakTasks())
                    .groupLimit(SoakTasks.QUEUE, Limit.concurrency(2))
                    .listener(event -> {
                        if (event.isEnd()) {
                            ended.incrementAndGet();
                            room.release();
                        }
                    })
                    .start();
            try (queue) {
                Soak soak = new Soak(queue, room, ended);
                long nanos = (long) (Double.parseDouble(arguments.text("minutes", "15")) * 60e9);
                samples = soak.soak(control, nanos, arguments.nanos("every", 10), backlog);
                report.row("jobs per second", ended.get() / (nanos / 1e9), ended.get() / (nanos / 1e9), 0, 0, 1);
            }
        }
        return judge(samples, report);
    }

    private List<double[]> soak(Wire control, long nanos, long every, int backlog) {
        List<double[]> samples = new ArrayList<>();
        long start = System.nanoTime();
        Thread producer = new Thread(() -> produce(start + nanos), "soak-producer");
        producer.start();
        for (long due = start + every; due - start <= nanos; due += every) {
            for (long rest = due - System.nanoTime(); rest > 0; rest = due - System.nanoTime()) {
                LockSupport.parkNanos(rest);
            }
            double[] sample = Sample.take(control, (long) backlog - room.availablePermits());
            samples.add(sample);
            tell((System.nanoTime() - start) / 1e9, sample);
        }
        try {
            producer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return samples;
    }

    private void tell(double seconds, double[] sample) {
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%5.0f s, %,d ended", seconds, ended.get()));
        for (int i = 0; i < sample.length; i++) {
            line.append(String.format(Locale.ROOT, ", %s %,.0f", Sample.COLUMNS.get(i), sample[i]));
        }
        System.out.println(line);
    }

    private void produce(long until) {
        while (System.nanoTime() - until < 0) {
            room.acquireUninterruptibly();
            var unused = queue.enqueueAsync(call()).whenComplete((handle, failure) -> {
                // What is not stored, or was stored before under the same key, never ends.
                if (failure != null || !handle.isNew()) {
                    room.release();
                }
            });
        }
    }

    private Call<?> call() {
        serial++;
        Mail mail = new Mail(Mail.WELCOME.to(), Mail.WELCOME.subject(), serial);
        int kind = random.nextInt(20);
        if (kind < 14) {
            return Call.call(SoakTasks::send, mail);
        } else if (kind < 16) {
            return Call.call(SoakTasks::price, mail);
        } else if (kind < 18) {
            return Call.call(SoakTasks::send, mail)
                    .priority(random.nextInt(10))
                    .delay(Duration.ofMillis(random.nextInt(1000)));
        } else if (kind < 19) {
            return Call.call(SoakTasks::send, mail).unique(Unique.untilDone("key-" + random.nextInt(KEYS)));
        }
        return Call.call(SoakTasks::send, mail).group("group-" + random.nextInt(GROUPS));
    }

    private static boolean judge(List<double[]> samples, Report report) {
        boolean allFlat = true;
        int half = samples.size() / 2;
        int waitingAt = Sample.COLUMNS.indexOf("waiting");
        double waitingRise = Math.abs(rise(samples, half, waitingAt));
        for (int i = 0; i < Sample.COLUMNS.size(); i++) {
            String name = Sample.COLUMNS.get(i);
            double mean = mean(samples, half, samples.size(), i);
            double allowed = switch (name) {
                case "files", "clients" -> FEW;
                case "threads" -> FEW_THREADS;
                case "live heap MB" -> Math.max(HEAP_MB, SHARE * mean);
                case "keys" -> waitingRise + SHARE * mean;
                case "waiting" -> Double.MAX_VALUE;
                default -> SHARE * mean;
            };
            double rise = rise(samples, half, i);
            boolean isFlat = rise <= allowed;
            allFlat &= isFlat;
            report.row(name, mean(samples, 0, half, i), mean, rise, Math.min(allowed, mean), isFlat ? 1 : 0);
        }
        return allFlat;
    }

    private static double mean(List<double[]> samples, int from, int to, int column) {
        return samples.subList(from, to).stream()
                .mapToDouble(sample -> sample[column])
                .average()
                .orElse(0);
    }

    /** How much the line of best fit, by least squares, rises from the first to the last of these samples. */
    static double rise(List<double[]> samples, int from, int column) {
        int count = samples.size() - from;
        double meanX = (count - 1) / 2.0;
        double meanY = mean(samples, from, samples.size(), column);
        double above = 0;
        double below = 0;
        for (int i = 0; i < count; i++) {
            above += (i - meanX) * (samples.get(from + i)[column] - meanY);
            below += (i - meanX) * (i - meanX);
        }
        return below == 0 ? 0 : above / below * (count - 1);
    }
}
