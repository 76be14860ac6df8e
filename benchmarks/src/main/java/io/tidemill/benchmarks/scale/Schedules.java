package io.tidemill.benchmarks.scale;

import io.tidemill.benchmarks.Arguments;
import io.tidemill.benchmarks.Brokers;
import io.tidemill.benchmarks.Report;
import io.tidemill.benchmarks.compare.Wire;
import io.tidemill.broker.StoredSchedule;
import io.tidemill.redis.RedisBroker;
import io.tidemill.test.redis.RedisServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * What many schedules in one queue take of Redis: how long it takes to write them, all at once and one after the other,
 * and bytes for each. How long the scripts take is measured by {@code scripts.Scripts}.
 *
 * <pre>
 * -schedules 100000  how many
 * -single 5000       how many of them one after the other
 * -home .            the directory of the module
 * </pre>
 */
public final class Schedules {

    private static final Set<String> OPTIONS = Set.of("schedules", "single", "home");
    private static final List<String> COLUMNS = List.of("all at once s", "one by one /s", "bytes each");
    private static final String QUEUE = "scheduled";
    private static final long FAR = 9_000_000_000_000L;

    private Schedules() {}

    public static void main(String[] args) throws IOException {
        Arguments arguments = Arguments.parse(args, OPTIONS);
        run(arguments).print(Path.of(arguments.text("home", "."), "target/schedules.json"));
    }

    /** Runs and returns the figures, with a row for each size of the content. */
    static Report run(Arguments arguments) {
        Report report = new Report("content", COLUMNS);
        for (int bytes : new int[] {100, 500, 2_000}) {
            measure(report, bytes, arguments.number("schedules", 100_000), arguments.number("single", 5_000));
        }
        return report;
    }

    private static void measure(Report report, int bytes, int schedules, int single) {
        try (RedisServer redis = RedisServer.start();
                Wire control = new Wire(redis.port());
                RedisBroker broker = Brokers.connect(redis.uri())) {
            broker.open();
            broker.schedules()
                    .write(QUEUE, Optional.empty(), schedule(schedules, bytes))
                    .join();
            long before = control.info("memory", "used_memory");
            long start = System.nanoTime();
            for (int i = 0; i < single; i++) {
                broker.schedules()
                        .write(QUEUE, Optional.empty(), schedule(i, bytes))
                        .join();
            }
            long between = System.nanoTime();
            List<CompletableFuture<Boolean>> writes = new ArrayList<>();
            for (int i = single; i < schedules; i++) {
                writes.add(broker.schedules().write(QUEUE, Optional.empty(), schedule(i, bytes)));
            }
            writes.forEach(CompletableFuture::join);
            long end = System.nanoTime();
            report.row(
                    String.format(Locale.ROOT, "%,d bytes", bytes),
                    (end - between) / 1e9 * schedules / (schedules - single),
                    single / ((between - start) / 1e9),
                    (double) (control.info("memory", "used_memory") - before) / schedules);
        }
    }

    private static StoredSchedule schedule(int number, int bytes) {
        return new StoredSchedule("schedule-" + number, "revision-" + number, FAR + number, new byte[bytes]);
    }
}
