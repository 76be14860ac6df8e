package io.tidemill.benchmarks.overhead;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.transport.ReceiverContext;
import io.micrometer.observation.transport.SenderContext;
import io.tidemill.TaskQueue;
import io.tidemill.TaskQueueBuilder;
import io.tidemill.benchmarks.Arguments;
import io.tidemill.benchmarks.Brokers;
import io.tidemill.benchmarks.Mail;
import io.tidemill.benchmarks.MailTasks;
import io.tidemill.benchmarks.Report;
import io.tidemill.client.Call;
import io.tidemill.event.QueueEvent;
import io.tidemill.metrics.JobObservations;
import io.tidemill.metrics.MicrometerMetrics;
import io.tidemill.test.redis.RedisServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How much throughput meters and spans cost at full load. The reference is a queue as it is by default, with the
 * history and without meters. In each round every kind of queue stores and runs the same number of jobs, each with a
 * Redis of its own. Rounds go through the kinds forwards and backwards in turn, each pair of rounds from another kind
 * on, so that what changes on the machine with time, and what one kind leaves behind for the next, meets all kinds
 * alike. A ratio is the throughput of a kind by that of the reference in the same round; the figure is the median over
 * rounds. The reference is measured a second time under another name: what its ratio is away from 1 is chance, and a
 * cost below that is not known.
 *
 * <p>The handler of the observations does what a tracer has to do here: it sends a context along with each job, and
 * reads it in the run. What making spans and exporting them costs is the tracer's.
 *
 * <pre>
 * -jobs 100000      in each measurement
 * -rounds 8         that count, at most
 * -warmup 2         rounds before them
 * -seconds 200      after which no round begins, unless none was measured yet
 * -home .           the directory of the module
 * </pre>
 */
public final class Overhead {

    private static final Set<String> OPTIONS = Set.of("jobs", "rounds", "warmup", "seconds", "home");
    private static final int IN_FLIGHT = 5_000;
    private static final String CONTEXT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private enum Kind {
        DEFAULT("history: the default", builder -> {}),
        AGAIN("history: the default again", builder -> {}),
        PLAIN("neither history nor meters", builder -> builder.history(false)),
        METERS("history and meters", builder -> builder.install(MicrometerMetrics.of(new SimpleMeterRegistry()))),
        SPANS(
                "history, meters and spans",
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
        Report report = run(arguments);
        report.print(Path.of(arguments.text("home", "."), "target/overhead.json"));
        System.out.println(closingLine(report));
    }

    private static String closingLine(Report report) {
        String spans = Kind.SPANS.row;
        return String.format(
                Locale.ROOT,
                "meters and spans: %.3f of the throughput without them (median; %.3f to %.3f over %.0f rounds), a cost"
                        + " of %.1f%%; two queues without them differ by %.1f%%",
                report.figure(spans, "ratio"),
                report.figure(spans, "lowest"),
                report.figure(spans, "highest"),
                report.figure(spans, "rounds"),
                100 * (1 - report.figure(spans, "ratio")),
                100 * Math.abs(1 - report.figure(Kind.AGAIN.row, "ratio")));
    }

    /** Runs and returns the figures. */
    static Report run(Arguments arguments) {
        int jobs = arguments.number("jobs", 100_000);
        int rounds = arguments.number("rounds", 8);
        int warmup = arguments.number("warmup", 2);
        long end = System.nanoTime() + arguments.nanos("seconds", 200);
        Map<Kind, List<Double>> rates = new EnumMap<>(Kind.class);
        Map<Kind, List<Double>> ratios = new EnumMap<>(Kind.class);
        for (int round = -warmup; round < rounds && (round <= 0 || System.nanoTime() - end < 0); round++) {
            Map<Kind, Double> measured = round(jobs, round);
            if (round >= 0) {
                double reference = measured.getOrDefault(Kind.DEFAULT, Double.NaN);
                measured.forEach((kind, rate) -> {
                    rates.computeIfAbsent(kind, each -> new ArrayList<>()).add(rate);
                    ratios.computeIfAbsent(kind, each -> new ArrayList<>()).add(rate / reference);
                });
            }
        }
        Report report = new Report("queue with", List.of("jobs/s", "ratio", "lowest", "highest", "rounds"));
        for (Kind kind : Kind.values()) {
            List<Double> sorted =
                    ratios.getOrDefault(kind, List.of()).stream().sorted().toList();
            report.row(
                    kind.row,
                    median(rates.getOrDefault(kind, List.of())),
                    median(sorted),
                    sorted.get(0),
                    sorted.get(sorted.size() - 1),
                    sorted.size());
        }
        return report;
    }

    /** The jobs in a second of each kind. */
    private static Map<Kind, Double> round(int jobs, int round) {
        List<Kind> order = new ArrayList<>(List.of(Kind.values()));
        Collections.rotate(order, Math.floorDiv(round, 2));
        if (Math.floorMod(round, 2) == 1) {
            Collections.reverse(order);
        }
        Map<Kind, Double> rates = new EnumMap<>(Kind.class);
        order.forEach(kind -> rates.put(kind, measure(kind, jobs)));
        return rates;
    }

    /** How many jobs are stored and run in a second, with a Redis of its own. */
    private static double measure(Kind kind, int jobs) {
        Semaphore room = new Semaphore(IN_FLIGHT);
        AtomicReference<@Nullable Throwable> wrong = new AtomicReference<>();
        TaskQueueBuilder builder = TaskQueue.builder()
                .concurrency(100)
                .tasks(new MailTasks())
                .listener(event -> {
                    if (event instanceof QueueEvent.Succeeded) {
                        room.release();
                    } else if (event.isEnd()) {
                        wrong.compareAndSet(null, new IllegalStateException("a job did not succeed: " + event));
                        room.release();
                    }
                });
        kind.setting.accept(builder);
        try (RedisServer redis = RedisServer.start();
                TaskQueue queue = builder.broker(Brokers.connect(redis.uri())).start()) {
            // What the measurement before left behind is not collected in this one.
            System.gc();
            long start = System.nanoTime();
            for (int i = 0; i < jobs; i++) {
                room.acquireUninterruptibly();
                var unused = queue.enqueueAsync(Call.call(MailTasks::send, Mail.WELCOME))
                        .whenComplete((handle, failure) -> {
                            if (failure != null) {
                                wrong.compareAndSet(null, failure);
                                room.release();
                            }
                        });
            }
            room.acquireUninterruptibly(IN_FLIGHT);
            double seconds = (System.nanoTime() - start) / 1e9;
            Throwable failure = wrong.get();
            if (failure != null) {
                throw new IllegalStateException("the measurement of " + kind + " is void", failure);
            }
            return jobs / seconds;
        }
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    private static ObservationRegistry observations() {
        LongAdder seen = new LongAdder();
        ObservationRegistry registry = ObservationRegistry.create();
        registry.observationConfig().observationHandler(new ObservationHandler<Observation.Context>() {
            @Override
            public void onStart(Observation.Context context) {
                if (context instanceof SenderContext<?> sender) {
                    send(sender);
                } else if (context instanceof ReceiverContext<?> receiver) {
                    read(receiver);
                }
            }

            private <C> void send(SenderContext<C> context) {
                context.getSetter().set(context.getCarrier(), "traceparent", CONTEXT);
            }

            private <C> void read(ReceiverContext<C> context) {
                C carrier = context.getCarrier();
                if (carrier == null || !CONTEXT.equals(context.getGetter().get(carrier, "traceparent"))) {
                    throw new IllegalStateException("the context did not come with the job");
                }
            }

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
