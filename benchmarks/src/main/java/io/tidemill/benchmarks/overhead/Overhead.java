package io.tidemill.benchmarks.overhead;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.tidemill.TaskQueue;
import io.tidemill.TaskQueueBuilder;
import io.tidemill.benchmarks.Arguments;
import io.tidemill.benchmarks.Mail;
import io.tidemill.benchmarks.MailTasks;
import io.tidemill.benchmarks.Report;
import io.tidemill.client.Call;
import io.tidemill.metrics.JobObservations;
import io.tidemill.metrics.MicrometerMetrics;
import io.tidemill.redis.RedisBroker;
import io.tidemill.test.redis.RedisServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * How much throughput meters, spans and the history cost at full load. In each round every kind of queue stores and
 * runs the same number of jobs, one kind after the other, in an order that turns from round to round; so what changes
 * on the machine with time meets all kinds alike. The figure is the median over rounds of a kind's time by that of the
 * plain queue in the same round.
 *
 * <p>The handler of the observations counts and does nothing else: what a tracer and its exporter cost is theirs.
 *
 * <pre>
 * -jobs 200000      in each measurement
 * -rounds 9         that count
 * -warmup 3         rounds before them
 * -home .           the directory of the module
 * </pre>
 */
public final class Overhead {

    private static final Set<String> OPTIONS = Set.of("jobs", "rounds", "warmup", "home");
    private static final int IN_FLIGHT = 5_000;

    private enum Kind {
        PLAIN("neither meters nor history", builder -> builder.history(false)),
        HISTORY("history", builder -> {}),
        METERS("history and meters", builder -> builder.install(MicrometerMetrics.of(new SimpleMeterRegistry()))),
        SPANS(
                "history, meters and observations",
                builder -> builder.install(MicrometerMetrics.of(new SimpleMeterRegistry()))
                        .install(JobObservations.of(observations())));

        private final String row;

        @SuppressWarnings("ImmutableEnumChecker") // It has no state.
        private final Consumer<TaskQueueBuilder> setting;

        Kind(String row, Consumer<TaskQueueBuilder> setting) {
            this.row = row;
            this.setting = setting;
        }
    }

    private Overhead() {}

    public static void main(String[] args) throws IOException {
        Arguments arguments = Arguments.parse(args, OPTIONS);
        run(arguments).print(Path.of(arguments.text("home", "."), "target/overhead.json"));
    }

    /** Runs and returns the figures. */
    static Report run(Arguments arguments) {
        int jobs = arguments.number("jobs", 200_000);
        int rounds = arguments.number("rounds", 9);
        int warmup = arguments.number("warmup", 3);
        Map<Kind, List<Double>> seconds = new EnumMap<>(Kind.class);
        Map<Kind, List<Double>> ratios = new EnumMap<>(Kind.class);
        for (int round = -warmup; round < rounds; round++) {
            Map<Kind, Double> took = round(jobs, round);
            if (round >= 0) {
                double plain = took.getOrDefault(Kind.PLAIN, Double.NaN);
                took.forEach((kind, value) -> {
                    seconds.computeIfAbsent(kind, each -> new ArrayList<>()).add(value);
                    ratios.computeIfAbsent(kind, each -> new ArrayList<>()).add(100 * (value / plain - 1));
                });
            }
        }
        Report report = new Report("queue with", List.of("jobs/s", "cost %", "lowest %", "highest %"));
        for (Kind kind : Kind.values()) {
            List<Double> sorted =
                    ratios.getOrDefault(kind, List.of()).stream().sorted().toList();
            report.row(
                    kind.row,
                    jobs / median(seconds.getOrDefault(kind, List.of())),
                    median(sorted),
                    sorted.get(0),
                    sorted.get(sorted.size() - 1));
        }
        return report;
    }

    private static Map<Kind, Double> round(int jobs, int round) {
        Map<Kind, Double> took = new EnumMap<>(Kind.class);
        Kind[] kinds = Kind.values();
        for (int i = 0; i < kinds.length; i++) {
            Kind kind = kinds[Math.floorMod(i + round, kinds.length)];
            took.put(kind, measure(kind, jobs));
        }
        return took;
    }

    /** The seconds in which so many jobs are stored and run, with a Redis of its own. */
    private static double measure(Kind kind, int jobs) {
        Semaphore room = new Semaphore(IN_FLIGHT);
        TaskQueueBuilder builder = TaskQueue.builder()
                .concurrency(100)
                .tasks(new MailTasks())
                .listener(event -> {
                    if (event.isEnd()) {
                        room.release();
                    }
                });
        kind.setting.accept(builder);
        try (RedisServer redis = RedisServer.start();
                TaskQueue queue =
                        builder.broker(RedisBroker.connect(redis.uri())).start()) {
            long start = System.nanoTime();
            for (int i = 0; i < jobs; i++) {
                room.acquireUninterruptibly();
                var unused = queue.enqueueAsync(Call.call(MailTasks::send, Mail.WELCOME))
                        .whenComplete((handle, failure) -> {
                            if (failure != null) {
                                throw new IllegalStateException("a job was not stored", failure);
                            }
                        });
            }
            room.acquireUninterruptibly(IN_FLIGHT);
            return (System.nanoTime() - start) / 1e9;
        }
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return sorted.get(sorted.size() / 2);
    }

    private static ObservationRegistry observations() {
        LongAdder seen = new LongAdder();
        ObservationRegistry registry = ObservationRegistry.create();
        registry.observationConfig().observationHandler(new ObservationHandler<Observation.Context>() {
            @Override
            public void onStop(Observation.Context context) {
                seen.increment();
            }

            @Override
            public boolean supportsContext(Observation.Context context) {
                return true;
            }
        });
        return registry;
    }
}
