package io.tidemill.benchmarks.scale;

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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Processes a small queue again and again and a large one once, with the same worker on the same Redis, and compares
 * what a job costs. Small runs come before, between and after large ones, as many as take about as long.
 *
 * <p>The control does to as many keys what a queue cannot do without, with bare commands in the same batches: a list of
 * ids is read and trimmed, records are read and deleted. By how much that is slower on the large one is Redis' own
 * share: the records of a queue lie in memory where they were put, and a small queue fits into the processor's cache.
 *
 * <pre>
 * -small 10000        jobs of a small queue
 * -large 5000000      jobs of a large one
 * -rounds 1           how many large ones
 * -share 0.1          jobs of all small queues before a large one, by jobs of the large one
 * -concurrency 100    most jobs that run at once
 * -control yes        no: without the control
 * -home .             the directory of the module
 * </pre>
 */
public final class Scale {

    private static final Set<String> OPTIONS =
            Set.of("small", "large", "rounds", "share", "concurrency", "control", "home");
    private static final List<String> COLUMNS = List.of("us per job", "Redis us", "script us", "jobs");
    private static final int WARM_UP_JOBS = 400_000;
    private static final long MINUTES = 20;

    private final Wire control;
    private final String uri;
    private final int concurrency;

    private Scale(Wire control, String uri, int concurrency) {
        this.control = control;
        this.uri = uri;
        this.concurrency = concurrency;
    }

    public static void main(String[] args) throws IOException {
        Arguments arguments = Arguments.parse(args, OPTIONS);
        run(arguments).print(Path.of(arguments.text("home", "."), "target/scale.json"));
    }

    /** What one kind of run cost, in microseconds, added up. */
    private static final class Sum {

        private double wall;
        private double redis;
        private double script;
        private long jobs;

        void add(Sum other) {
            wall += other.wall;
            redis += other.redis;
            script += other.script;
            jobs += other.jobs;
        }
    }

    /** Runs and returns the figures. */
    static Report run(Arguments arguments) {
        Report report = new Report("queue", COLUMNS);
        int small = arguments.number("small", 10_000);
        int large = arguments.number("large", 5_000_000);
        double share = Double.parseDouble(arguments.text("share", "0.1"));
        int repeats = Math.max(1, (int) (large * share / small));
        try (RedisServer redis = RedisServer.start();
                Wire control = new Wire(redis.port())) {
            Scale scale = new Scale(control, redis.uri(), arguments.number("concurrency", 100));
            scale.process(Math.min(large, WARM_UP_JOBS), 1);
            scale.process(small, Math.min(repeats, WARM_UP_JOBS / small));
            Sum ofSmall = new Sum();
            Sum ofLarge = new Sum();
            for (int round = 0; round < arguments.number("rounds", 1); round++) {
                ofSmall.add(scale.process(small, repeats));
                ofLarge.add(scale.process(large, 1));
            }
            ofSmall.add(scale.process(small, repeats));
            scale.tell(report, "queues of " + small, "a queue of " + large, ofSmall, ofLarge);
            if (arguments.text("control", "yes").equals("yes")) {
                Bare bare = new Bare(control);
                Sum bareSmall = scale.bare(bare, small, repeats);
                Sum bareLarge = scale.bare(bare, large, 1);
                bareSmall.add(scale.bare(bare, small, repeats));
                scale.tell(report, "bare commands, " + small, "bare commands, " + large, bareSmall, bareLarge);
            }
        }
        return report;
    }

    private void tell(Report report, String smallName, String largeName, Sum small, Sum large) {
        row(report, smallName, small);
        row(report, largeName, large);
        report.row(
                largeName + ", ratio",
                report.figure(largeName, COLUMNS.get(0)) / report.figure(smallName, COLUMNS.get(0)),
                report.figure(largeName, COLUMNS.get(1)) / report.figure(smallName, COLUMNS.get(1)),
                report.figure(largeName, COLUMNS.get(2)) / Math.max(1e-9, report.figure(smallName, COLUMNS.get(2))),
                1);
    }

    private static void row(Report report, String name, Sum sum) {
        double jobs = sum.jobs;
        report.row(name, sum.wall / jobs, sum.redis / jobs, sum.script / jobs, jobs);
    }

    /** Fills a queue and empties it, so many times, with one worker that stays. Only the emptying counts. */
    private Sum process(int jobs, int times) {
        Sum sum = new Sum();
        Semaphore ended = new Semaphore(0);
        AtomicLong left = new AtomicLong();
        TaskQueue worker = TaskQueue.builder()
                .broker(Brokers.connect(uri))
                .concurrency(concurrency)
                .tasks(new MailTasks())
                .listener(event -> {
                    if (event.isEnd() && left.decrementAndGet() == 0) {
                        ended.release();
                    }
                })
                .start();
        try (worker) {
            for (int i = 0; i < times; i++) {
                worker.admin().pause(MailTasks.QUEUE);
                worker.enqueueAll(
                        IntStream.range(0, jobs).mapToObj(n -> Call.call(MailTasks::send, Mail.WELCOME)), handle -> {});
                left.set(jobs);
                control.call("CONFIG", "RESETSTAT");
                Cpu before = Cpu.now(control);
                long start = System.nanoTime();
                worker.admin().resume(MailTasks.QUEUE);
                await(ended);
                sum.wall += (System.nanoTime() - start) / 1e3;
                sum.redis += 1e6 * Cpu.now(control).since(before).redis();
                sum.script += scriptMicros();
                sum.jobs += jobs;
            }
        }
        return sum;
    }

    private Sum bare(Bare bare, int jobs, int times) {
        Sum sum = new Sum();
        for (int i = 0; i < times; i++) {
            bare.fill(jobs);
            Cpu before = Cpu.now(control);
            long start = System.nanoTime();
            bare.drain(concurrency / 2);
            sum.wall += (System.nanoTime() - start) / 1e3;
            sum.redis += 1e6 * Cpu.now(control).since(before).redis();
            sum.jobs += jobs;
        }
        return sum;
    }

    /** What Redis spent in scripts since the statistics were reset. */
    private double scriptMicros() {
        return Arrays.stream(Wire.text(control.call("INFO", "commandstats")).split("\r\n", -1))
                .filter(line -> line.startsWith("cmdstat_evalsha:"))
                .mapToDouble(line -> Double.parseDouble(line.replaceFirst(".*usec=(\\d+),.*", "$1")))
                .sum();
    }

    private static void await(Semaphore ended) {
        try {
            if (!ended.tryAcquire(MINUTES, TimeUnit.MINUTES)) {
                throw new IllegalStateException("not all jobs ended within " + MINUTES + " minutes");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** The same keys and about the same bytes as a queue has, without scripts and without promises. */
    private static final class Bare {

        private static final int FILL = 1000;
        private static final String LIST = "bare:ready";
        private static final String RECORD = "A-4000000000000n{\"task\":\"mail\",\"sent\":1700000000000}\n"
                + "[{\"to\":\"user@example.com\",\"subject\":\"Welcome\",\"n\":1}]";

        private final Wire wire;

        Bare(Wire wire) {
            this.wire = wire;
        }

        void fill(int jobs) {
            for (int from = 0; from < jobs; from += FILL) {
                int to = Math.min(jobs, from + FILL);
                List<String> set = new ArrayList<>(List.of("MSET"));
                List<String> push = new ArrayList<>(List.of("RPUSH", LIST));
                LongStream.range(from, to).forEach(n -> {
                    String id = String.format("01HF%022d", n);
                    set.add(key(id));
                    set.add(RECORD);
                    push.add(id);
                });
                wire.call(set.toArray(new String[0]));
                wire.call(push.toArray(new String[0]));
            }
        }

        void drain(int batch) {
            for (List<?> ids = front(batch); !ids.isEmpty(); ids = front(batch)) {
                String[] keys = ids.stream().map(id -> key(Wire.text(id))).toArray(String[]::new);
                wire.call(with("MGET", keys));
                wire.call("LTRIM", LIST, String.valueOf(keys.length), "-1");
                wire.call(with("DEL", keys));
            }
        }

        private List<?> front(int batch) {
            return (List<?>) wire.call("LRANGE", LIST, "0", String.valueOf(batch - 1));
        }

        private static String key(String id) {
            return "tm:{mail}:job:" + id;
        }

        private static String[] with(String command, String[] keys) {
            String[] parts = new String[keys.length + 1];
            parts[0] = command;
            System.arraycopy(keys, 0, parts, 1, keys.length);
            return parts;
        }
    }
}
