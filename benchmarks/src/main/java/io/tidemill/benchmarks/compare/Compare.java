package io.tidemill.benchmarks.compare;

import io.tidemill.benchmarks.Arguments;
import io.tidemill.benchmarks.Mail;
import io.tidemill.test.redis.RedisServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Measures Tidemill beside BullMQ, Bee-Queue and bare Redis: one run, one Redis, rounds that interleave, and medians.
 * The README beside this module says what each figure is.
 *
 * <pre>
 * -rounds 5            rounds of each speed
 * -seconds 1.5         how long one takes
 * -warmups 6           rounds of each speed that are not counted
 * -samples 2000        jobs in one round of latency
 * -jobs 20000          jobs whose bytes are counted
 * -appendonly no       no, everysec or always: whether Redis writes to disk
 * -only a,b            contenders: tidemill, bullmq, beequeue, limit
 * -works a,b           enqueue_single, enqueue_bulk, process, latency, bytes
 * -stats no            yes: what Redis spent its time on, for each figure
 * -home .              the directory of the module
 * </pre>
 */
public final class Compare {

    private static final Set<String> OPTIONS =
            Set.of("rounds", "seconds", "warmups", "samples", "jobs", "appendonly", "only", "works", "stats", "home");
    private static final String ALL_WORKS = "enqueue_single,enqueue_bulk,process,latency,bytes";
    private static final String ALL_CONTENDERS = "tidemill,bullmq,beequeue,limit";
    private static final int FIRST_JOBS = 20_000;
    private static final int MOST_JOBS = 400_000;
    private static final long ORDER_SEED = 42;
    private static final long DELAY_MILLIS = 3_600_000;
    private static final Pattern COMMAND = Pattern.compile("cmdstat_(\\S+):calls=(\\d+),usec=(\\d+).*");

    private final List<Contender> contenders;
    private final Wire control;
    private final Plan plan;
    private final int warmUps;
    private final int rounds;
    private final boolean isTellingStats;
    private final Results results = new Results();

    private Compare(
            List<Contender> contenders, Wire control, Plan plan, int warmUps, int rounds, boolean isTellingStats) {
        this.contenders = contenders;
        this.control = control;
        this.plan = plan;
        this.warmUps = warmUps;
        this.rounds = rounds;
        this.isTellingStats = isTellingStats;
    }

    public static void main(String[] args) throws IOException {
        Arguments arguments = Arguments.parse(args, OPTIONS);
        Path home = Path.of(arguments.text("home", "."));
        String appendonly = arguments.text("appendonly", "no");
        Set<String> only = Set.of(arguments.text("only", ALL_CONTENDERS).split(",", -1));
        Set<String> works = Set.of(arguments.text("works", ALL_WORKS).split(",", -1));
        long start = System.nanoTime();

        String loadAtStart = systemLoad();
        try (RedisServer redis = startRedis(appendonly);
                Wire control = new Wire(redis.port())) {
            List<Contender> contenders = contenders(home, redis, only);
            try {
                tellConditions(contenders, control, appendonly);
                Plan plan = Plan.of(arguments.nanos("seconds", 1.5) / 1e9, arguments.number("samples", 2000));
                Compare compare = new Compare(
                        contenders,
                        control,
                        plan,
                        arguments.number("warmups", 6),
                        arguments.number("rounds", 5),
                        arguments.text("stats", "no").equals("yes"));
                compare.run(works, arguments.number("jobs", 20_000));
                Path file = home.resolve("target/compare.json");
                compare.results.write(file);
                System.out.printf("%n%s%n", compare.results.table());
                System.out.printf(
                        "jobs per second, microseconds and bytes; ratio is tidemill / bullmq; load of the machine %s at"
                                + " the start, %s at the end; %s; %d s%n",
                        loadAtStart, systemLoad(), file.normalize(), (System.nanoTime() - start) / 1_000_000_000);
            } finally {
                contenders.forEach(Contender::close);
            }
        }
    }

    private static RedisServer startRedis(String appendonly) {
        return appendonly.equals("no")
                ? RedisServer.start()
                : RedisServer.start("--appendonly", "yes", "--appendfsync", appendonly);
    }

    private static List<Contender> contenders(Path home, RedisServer redis, Set<String> only) {
        List<Contender> all = new ArrayList<>();
        all.add(new Tidemill(redis.uri()));
        if (only.contains("bullmq") || only.contains("beequeue")) {
            all.addAll(NodePeers.start(home, redis.port()));
        }
        all.add(new Limit(redis.port()));
        List<Contender> wanted = new ArrayList<>();
        for (Contender contender : all) {
            if (only.contains(contender.name())) {
                wanted.add(contender);
            } else {
                contender.close();
            }
        }
        return wanted;
    }

    private static void tellConditions(List<Contender> contenders, Wire control, String appendonly) {
        String server = Wire.text(control.call("INFO", "server"))
                .lines()
                .filter(line -> line.startsWith("redis_version"))
                .collect(Collectors.joining());
        System.out.printf(
                "%d cores, %s %s, %s, appendonly %s%n",
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                server,
                appendonly);
        contenders.forEach(contender -> System.out.println(contender.version()));
    }

    private void run(Set<String> works, int bytesJobs) {
        if (works.contains("enqueue_single")) {
            speed("enqueue_single", contender -> contender.enqueueSingle(plan));
        }
        if (works.contains("enqueue_bulk")) {
            speed("enqueue_bulk", contender -> contender.enqueueBulk(plan));
        }
        if (works.contains("process")) {
            Map<Contender, Integer> jobs = new HashMap<>();
            speed("process", contender -> {
                double speed = contender.process(plan, jobs.getOrDefault(contender, FIRST_JOBS));
                jobs.put(contender, jobsFor(speed));
                return speed;
            });
        }
        if (works.contains("latency")) {
            interleave(contender -> {
                Latency latency = contender.latency(plan);
                results.add("latency_p50_us", contender.name(), latency.p50());
                results.add("latency_p99_us", contender.name(), latency.p99());
                tell("latency_p50_us", "", contender, latency.p50());
                tell("latency_p99_us", "", contender, latency.p99());
            });
        }
        if (works.contains("bytes")) {
            bytes("bytes_waiting_51", bytesJobs, 51, 0);
            bytes("bytes_waiting_200", bytesJobs, 200, 0);
            bytes("bytes_waiting_1050", bytesJobs, 1050, 0);
            bytes("bytes_delayed_51", bytesJobs, 51, DELAY_MILLIS);
        }
    }

    /** As many as take about one round, in thousands. */
    private int jobsFor(double perSecond) {
        int thousands = (int) (perSecond * plan.seconds() / 1000);
        return Math.max(1, Math.min(MOST_JOBS / 1000, thousands)) * 1000;
    }

    private void speed(String work, ToDoubleFunction<Contender> measure) {
        for (int i = 0; i < warmUps; i++) {
            for (Contender contender : contenders) {
                empty();
                tell(work, "warm-up", contender, measure.applyAsDouble(contender));
            }
        }
        interleave(contender -> {
            double figure = measure.applyAsDouble(contender);
            results.add(work, contender.name(), figure);
            tell(work, "", contender, figure);
        });
    }

    /** In another order each round, so that nobody always follows the same one. */
    private void interleave(Consumer<Contender> measure) {
        List<Contender> order = new ArrayList<>(contenders);
        Random random = new Random(ORDER_SEED);
        for (int round = 0; round < rounds; round++) {
            Collections.shuffle(order, random);
            for (Contender contender : order) {
                empty();
                settle();
                control.call("CONFIG", "RESETSTAT");
                long cpu = ownCpuNanos();
                long start = System.nanoTime();
                measure.accept(contender);
                double share = (ownCpuNanos() - cpu) / (double) (System.nanoTime() - start);
                tellStats(contender, share);
            }
        }
    }

    /** Lets this JVM compile and clean up what the last contender left to do, for at most a second. */
    private static void settle() {
        long step = 50_000_000;
        for (int i = 0; i < 20; i++) {
            long before = ownCpuNanos();
            LockSupport.parkNanos(step);
            if (ownCpuNanos() - before < step / 5) {
                return;
            }
        }
    }

    private void bytes(String work, int jobs, int payload, long delayMillis) {
        for (Contender contender : contenders) {
            // Once without counting, so that scripts are loaded and tables have their size.
            empty();
            contender.store(1000, payload, delayMillis);
            empty();
            long before = usedMemory();
            contender.store(jobs, payload, delayMillis);
            double each = (usedMemory() - before) / (double) jobs;
            results.add(work, contender.name(), each);
            tell(work, "", contender, each);
        }
        empty();
    }

    /** With all other connections closed: their buffers are no jobs. Redis takes a moment to let go of them. */
    private long usedMemory() {
        long deadline = System.nanoTime() + 5_000_000_000L;
        while (control.info("clients", "connected_clients") > 1 && System.nanoTime() - deadline < 0) {
            Thread.onSpinWait();
        }
        return control.info("memory", "used_memory");
    }

    private void empty() {
        control.call("FLUSHALL", "SYNC");
    }

    private static String systemLoad() {
        return String.format(
                Locale.ROOT,
                "%.1f",
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    }

    /** Processor time of this JVM: while a peer is measured it should be next to none. */
    private static long ownCpuNanos() {
        return ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .orElse(Duration.ZERO)
                .toNanos();
    }

    private static void tell(String work, String remark, Contender contender, double figure) {
        System.out.printf(Locale.ROOT, "%-18s %-10s %,12.0f  %s%n", work, contender.name(), figure, remark);
    }

    private void tellStats(Contender contender, double share) {
        if (!isTellingStats) {
            return;
        }
        Stream<Matcher> commands = Wire.text(control.call("INFO", "commandstats"))
                .lines()
                .map(COMMAND::matcher)
                .filter(Matcher::matches);
        String told = commands.sorted((a, b) -> Long.compare(Long.parseLong(b.group(3)), Long.parseLong(a.group(3))))
                .limit(12)
                .map(command -> String.format(
                        "    %-12s calls %,9d  ms %,7d",
                        command.group(1), Long.parseLong(command.group(2)), Long.parseLong(command.group(3)) / 1000))
                .collect(Collectors.joining("\n"));
        System.out.printf(
                Locale.ROOT,
                "  Redis under %s, payload %d bytes (this JVM used %.2f of a core meanwhile):%n%s%n",
                contender.name(),
                Mail.BYTES,
                share,
                told);
    }
}
