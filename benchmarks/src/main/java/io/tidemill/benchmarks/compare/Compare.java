package io.tidemill.benchmarks.compare;

import io.tidemill.benchmarks.Arguments;
import io.tidemill.test.redis.RedisServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

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
 * -works a,b           enqueue_single, enqueue_bulk, process, latency, bytes, latency_other, roundtrip, delayed, priority,
 *                      unique, retry, flow
 * -stats no            yes: what Redis spent its time on, for each figure
 * -home .              the directory of the module
 * </pre>
 */
public final class Compare {

    private static final Set<String> OPTIONS =
            Set.of("rounds", "seconds", "warmups", "samples", "jobs", "appendonly", "only", "works", "stats", "home");
    private static final String ALL_WORKS = "enqueue_single,enqueue_bulk,process,latency,bytes,latency_other,roundtrip,"
            + "delayed,priority,unique,retry,flow";
    private static final String ALL_CONTENDERS = "tidemill,bullmq,beequeue,limit";
    private static final int FIRST_JOBS = 20_000;
    private static final int FIRST_FEATURE_JOBS = 2_000;
    private static final int MOST_JOBS = 400_000;
    private static final long DELAY_MILLIS = 3_600_000;

    /** Code of the features is nearly all warm when they are measured. */
    private static final int MOST_WARM_UPS_OF_FEATURES = 3;

    private final List<Contender> contenders;
    private final Rounds rounds;
    private final Results results;
    private final Plan plan;
    private final int warmUps;

    private Compare(List<Contender> contenders, Rounds rounds, Results results, Plan plan, int warmUps) {
        this.contenders = contenders;
        this.rounds = rounds;
        this.results = results;
        this.plan = plan;
        this.warmUps = warmUps;
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
                Results results = new Results();
                Rounds rounds = new Rounds(
                        control,
                        arguments.number("rounds", 5),
                        arguments.text("stats", "no").equals("yes"),
                        results);
                new Compare(contenders, rounds, results, plan, arguments.number("warmups", 6))
                        .run(works, arguments.number("jobs", 20_000));
                Path file = home.resolve("target/compare.json");
                results.write(file);
                System.out.printf("%n%s%n", results.table());
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
        plain(works);
        if (works.contains("bytes")) {
            rounds.bytes("bytes_waiting_51", contenders, bytesJobs, 51, 0);
            rounds.bytes("bytes_waiting_200", contenders, bytesJobs, 200, 0);
            rounds.bytes("bytes_waiting_1050", contenders, bytesJobs, 1050, 0);
            rounds.bytes("bytes_delayed_51", contenders, bytesJobs, 51, DELAY_MILLIS);
        }
        features(works);
    }

    private void plain(Set<String> works) {
        if (works.contains("enqueue_single")) {
            rounds.figures("enqueue_single", contenders, warmUps, contender -> contender.enqueueSingle(plan));
        }
        if (works.contains("enqueue_bulk")) {
            rounds.figures("enqueue_bulk", contenders, warmUps, contender -> contender.enqueueBulk(plan));
        }
        if (works.contains("process")) {
            rounds.figures("process", contenders, warmUps, adapted(Contender::process, FIRST_JOBS));
        }
        if (works.contains("latency")) {
            rounds.interleave(contenders, contender -> {
                Latency latency = contender.latency(plan);
                rounds.add("latency_p50_us", contender, latency.p50());
                rounds.add("latency_p99_us", contender, latency.p99());
            });
        }
    }

    private void features(Set<String> works) {
        Plan shorter = plan.withHalfOfTheSamples();
        if (works.contains("latency_other")) {
            feature("latency_other_p50_us", 1, of(features -> features.latencyOther(shorter)));
        }
        if (works.contains("roundtrip")) {
            feature("roundtrip_p50_us", 1, of(features -> features.roundtrip(shorter)));
        }
        int most = MOST_WARM_UPS_OF_FEATURES;
        if (works.contains("delayed")) {
            feature("delayed", most, adapted(ofJobs(Features::delayed), FIRST_FEATURE_JOBS));
        }
        if (works.contains("priority")) {
            feature("priority", most, adapted(ofJobs(Features::priority), FIRST_FEATURE_JOBS));
        }
        if (works.contains("unique")) {
            feature("unique", most, of(features -> features.unique(plan)));
        }
        if (works.contains("retry")) {
            feature("retry", most, adapted(ofJobs(Features::retry), FIRST_FEATURE_JOBS));
        }
        if (works.contains("flow")) {
            int group = Plan.GROUP + 1;
            feature("flow_chain", most, adapted(inFlows(Plan.CHAIN, Features::chains), FIRST_FEATURE_JOBS));
            feature("flow_group", most, adapted(inFlows(group, Features::groups), FIRST_FEATURE_JOBS));
            able().forEach(contender -> results.addBoth("flow", "flow_chain", "flow_group", contender.name()));
        }
    }

    private void feature(String work, int mostWarmUps, ToDoubleFunction<Contender> measure) {
        rounds.figures(work, able(), Math.min(warmUps, mostWarmUps), measure);
    }

    private List<Contender> able() {
        return contenders.stream()
                .filter(contender -> contender.features() != null)
                .toList();
    }

    /** What is measured of so many jobs. */
    private interface JobsMeasure<C> {
        double measure(C contender, Plan plan, int jobs);
    }

    private static ToDoubleFunction<Contender> of(ToDoubleFunction<Features> measure) {
        return contender -> measure.applyAsDouble(Objects.requireNonNull(contender.features()));
    }

    private static JobsMeasure<Contender> ofJobs(JobsMeasure<Features> measure) {
        return (contender, plan, jobs) -> measure.measure(Objects.requireNonNull(contender.features()), plan, jobs);
    }

    /** With as many jobs as fill flows of this size. */
    private static JobsMeasure<Contender> inFlows(int size, JobsMeasure<Features> measure) {
        return ofJobs((features, plan, jobs) -> measure.measure(features, plan, jobs / size * size));
    }

    /** Each round with as many jobs as take its time at the speed of the round before. */
    private ToDoubleFunction<Contender> adapted(JobsMeasure<Contender> measure, int first) {
        Map<Contender, Integer> jobs = new HashMap<>();
        return contender -> {
            double speed = measure.measure(contender, plan, jobs.getOrDefault(contender, first));
            jobs.put(contender, jobsFor(speed));
            return speed;
        };
    }

    /** As many as take about one round, in thousands. */
    private int jobsFor(double perSecond) {
        int thousands = (int) (perSecond * plan.seconds() / 1000);
        return Math.max(1, Math.min(MOST_JOBS / 1000, thousands)) * 1000;
    }

    private static String systemLoad() {
        return String.format(
                Locale.ROOT,
                "%.1f",
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    }
}
