package io.tidemill.benchmarks.scripts;

import io.tidemill.benchmarks.Arguments;
import io.tidemill.benchmarks.Brokers;
import io.tidemill.benchmarks.Report;
import io.tidemill.benchmarks.compare.Wire;
import io.tidemill.redis.RedisBroker;
import io.tidemill.test.redis.RedisServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How long each script takes at its largest batch, on a queue of a million jobs, by the server's own clock.
 *
 * <pre>
 * -jobs 1000000     jobs in each of two queues: one of plain jobs, one of every kind
 * -groups 20000     groups in the second
 * -leases 10000     leases of one job each, for the calls that look through leases
 * -rounds 7         calls of each kind that count; one before them does not
 * -only claim       the scripts to time, separated by commas; default all
 * -home .           the directory of the module
 * </pre>
 *
 * <p>A call's time includes whatever else the machine did meanwhile, so the median is what to look at, and the lowest
 * says what the script itself needs.
 */
public final class Scripts {

    private static final Set<String> OPTIONS = Set.of("jobs", "groups", "leases", "rounds", "only", "home");
    private static final Pattern EVALSHA = Pattern.compile("cmdstat_evalsha:calls=(\\d+),usec=(\\d+)");

    private final Wire control;
    private final int rounds;

    private Scripts(Wire control, int rounds) {
        this.control = control;
        this.rounds = rounds;
    }

    public static void main(String[] args) throws IOException {
        Arguments arguments = Arguments.parse(args, OPTIONS);
        Map<String, double[]> times = run(arguments);
        Report report = new Report("script", List.of("median ms", "lowest ms", "highest ms"));
        times.forEach((name, sorted) ->
                report.row(name, sorted[sorted.length / 2] / 1000, sorted[0] / 1000, sorted[sorted.length - 1] / 1000));
        report.print(Path.of(arguments.text("home", "."), "target/scripts.json"));
    }

    /** Microseconds of each call, sorted, by case. */
    static Map<String, double[]> run(Arguments arguments) {
        int jobs = arguments.number("jobs", 1_000_000);
        int groups = arguments.number("groups", 20_000);
        Set<String> only = Set.of(arguments.text("only", "").split(",", -1));
        Map<String, double[]> times = new LinkedHashMap<>();
        try (RedisServer redis = RedisServer.start();
                Wire control = new Wire(redis.port());
                RedisBroker broker = Brokers.connect(redis.uri())) {
            broker.open();
            Backlog plain = new Backlog(broker, "plain");
            plain.fillPlain(jobs);
            Backlog mixed = new Backlog(broker, "mixed");
            mixed.fillMixed(jobs, groups);
            int plainReady = plain.ready();
            int mixedReady = mixed.ready();
            Scripts scripts = new Scripts(control, arguments.number("rounds", 7));
            for (Case each : Cases.all(arguments.number("leases", 10_000))) {
                if (only.contains("") || only.contains(each.script())) {
                    times.put(each.name(), scripts.time(each, each.mixed() ? mixed : plain));
                    mixed.unlimit();
                    if (!each.what().endsWith("many leases")) {
                        plain.giveBack();
                        mixed.giveBack();
                    }
                    plain.topUp(plainReady, 0);
                    mixed.topUp(mixedReady, groups);
                }
            }
        }
        return times;
    }

    private double[] time(Case each, Backlog backlog) {
        // The first call may have to bring the script to the server.
        Backlog.get(each.prepare().apply(backlog).get());
        double[] micros = new double[rounds];
        for (int i = 0; i < rounds; i++) {
            Supplier<CompletableFuture<?>> call = each.prepare().apply(backlog);
            long before = spent();
            Backlog.get(call.get());
            micros[i] = spent() - before;
        }
        Arrays.sort(micros);
        return micros;
    }

    /** What Redis has spent on scripts so far, in microseconds. */
    private long spent() {
        Matcher matcher = EVALSHA.matcher(Wire.text(control.call("INFO", "commandstats")));
        return matcher.find() ? Long.parseLong(matcher.group(2)) : 0;
    }
}
