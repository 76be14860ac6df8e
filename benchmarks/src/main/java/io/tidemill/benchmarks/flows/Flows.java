package io.tidemill.benchmarks.flows;

import static io.tidemill.client.Call.call;
import static io.tidemill.workflow.Workflow.chain;
import static io.tidemill.workflow.Workflow.group;

import io.tidemill.TaskQueue;
import io.tidemill.benchmarks.Arguments;
import io.tidemill.benchmarks.Brokers;
import io.tidemill.benchmarks.Cpu;
import io.tidemill.benchmarks.Mail;
import io.tidemill.benchmarks.Report;
import io.tidemill.benchmarks.compare.Wire;
import io.tidemill.client.Call;
import io.tidemill.event.QueueEvent;
import io.tidemill.test.redis.RedisServer;
import io.tidemill.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a job costs in a chain and in a group, beside the same job alone. In each round every shape stores and runs as
 * many jobs, one shape after the other on the same Redis, which is emptied before each. Rounds begin with another shape
 * each. All jobs of a shape are stored first, then they are run. Jobs alone are stored in bulk, and workflows one by
 * one, by 32 threads. The tasks are the same, and all values are kept as results by default.
 *
 * <p>A ratio is what a job of the shape costs by what the same job alone costs in the same round, and the figure is the
 * median of the rounds. Time on the clock depends on what else the machine does. Processor time of Redis and of the
 * JVM, and how many scripts are called for a job, nearly do not.
 *
 * <pre>
 * -jobs 110000       in each measurement; at least 110
 * -rounds 5          that count
 * -warmup 3          rounds before them
 * -concurrency 100   most jobs that run at once
 * -home .            the directory of the module
 * </pre>
 */
public final class Flows {

    /** Steps of a chain, and jobs of a group before its last one. */
    static final int SIZE = 10;

    private static final Set<String> OPTIONS = Set.of("jobs", "rounds", "warmup", "concurrency", "home");
    private static final int MOST_MINUTES = 5;
    /** Threads that start workflows. */
    private static final int STARTERS = 32;

    /** What is stored; each has a shape that it is compared with. */
    private enum Shape {
        STEPS_ALONE("jobs of chains, alone", SIZE),
        CHAINS("chains of " + SIZE, SIZE),
        MEMBERS_ALONE("jobs of groups, alone", SIZE + 1),
        GROUPS("groups of " + SIZE, SIZE + 1);

        private final String row;
        private final int size;

        Shape(String row, int size) {
            this.row = row;
            this.size = size;
        }

        Shape alone() {
            return this == CHAINS || this == STEPS_ALONE ? STEPS_ALONE : MEMBERS_ALONE;
        }
    }

    /** Of one job: microseconds on the clock, of Redis and of this JVM, and calls of scripts. */
    private record Cost(double clock, double redis, double jvm, double calls) {}

    private final Wire control;
    private final String uri;
    private final int concurrency;

    private Flows(Wire control, String uri, int concurrency) {
        this.control = control;
        this.uri = uri;
        this.concurrency = concurrency;
    }

    public static void main(String[] args) throws IOException {
        Arguments arguments = Arguments.parse(args, OPTIONS);
        run(arguments).print(Path.of(arguments.text("home", "."), "target/flows.json"));
    }

    /** Runs and returns the figures. */
    static Report run(Arguments arguments) {
        int jobs = arguments.number("jobs", 110_000);
        int rounds = arguments.number("rounds", 5);
        Map<Shape, List<Cost>> costs = new EnumMap<>(Shape.class);
        try (RedisServer redis = RedisServer.start();
                Wire control = new Wire(redis.port())) {
            Flows flows = new Flows(control, redis.uri(), arguments.number("concurrency", 100));
            for (int round = -arguments.number("warmup", 3); round < rounds; round++) {
                List<Shape> order = new ArrayList<>(List.of(Shape.values()));
                Collections.rotate(order, round);
                for (Shape shape : order) {
                    Cost cost = flows.measure(shape, jobs / shape.size);
                    if (round >= 0) {
                        costs.computeIfAbsent(shape, each -> new ArrayList<>()).add(cost);
                    }
                }
            }
        }
        return report(costs);
    }

    private static Report report(Map<Shape, List<Cost>> costs) {
        Report report = new Report(
                "microseconds per job of",
                List.of("clock", "Redis", "JVM", "calls", "clock ratio", "lowest", "highest", "CPU ratio"));
        costs.forEach((shape, some) -> {
            List<Cost> alone = costs.getOrDefault(shape.alone(), List.of());
            List<Double> ratios = IntStream.range(0, some.size())
                    .mapToObj(i -> some.get(i).clock() / alone.get(i).clock())
                    .sorted()
                    .toList();
            report.row(
                    shape.row,
                    median(some, Cost::clock),
                    median(some, Cost::redis),
                    median(some, Cost::jvm),
                    median(some, Cost::calls),
                    ratios.get(ratios.size() / 2),
                    ratios.get(0),
                    ratios.get(ratios.size() - 1),
                    median(some, cost -> cost.redis() + cost.jvm()) / median(alone, cost -> cost.redis() + cost.jvm()));
        });
        return report;
    }

    private static double median(List<Cost> costs, ToDoubleFunction<Cost> figure) {
        return costs.stream().mapToDouble(figure).sorted().toArray()[costs.size() / 2];
    }

    private Cost measure(Shape shape, int times) {
        control.call("FLUSHALL", "SYNC");
        System.gc();
        control.call("CONFIG", "RESETSTAT");
        Cpu before = Cpu.now(control);
        long start = System.nanoTime();
        try (TaskQueue producer =
                TaskQueue.builder().broker(Brokers.connect(uri)).start()) {
            store(producer, shape, times);
        }
        runAll((long) times * shape.size);
        double nanos = System.nanoTime() - start;
        Cpu spent = Cpu.now(control).since(before);
        double jobs = (double) times * shape.size;
        return new Cost(nanos / 1000 / jobs, 1e6 * spent.redis() / jobs, 1e6 * spent.jvm() / jobs, calls() / jobs);
    }

    private static void store(TaskQueue queue, Shape shape, int times) {
        switch (shape) {
            case STEPS_ALONE ->
                queue.enqueueAll(IntStream.range(0, times * SIZE).mapToObj(i -> call(FlowTasks::echo, Mail.WELCOME)));
            case CHAINS -> start(queue, times, chainOfSteps());
            case MEMBERS_ALONE ->
                queue.enqueueAll(IntStream.range(0, times).boxed().flatMap(i -> members()));
            default -> start(queue, times, group(echoes()).then(FlowTasks::join));
        }
    }

    private static void start(TaskQueue queue, int times, Workflow<?> workflow) {
        ExecutorService threads = Executors.newFixedThreadPool(STARTERS);
        try {
            AtomicInteger next = new AtomicInteger();
            List<Future<?>> starters = new ArrayList<>();
            for (int i = 0; i < STARTERS; i++) {
                starters.add(threads.submit(() -> {
                    while (next.getAndIncrement() < times) {
                        queue.start(workflow);
                    }
                }));
            }
            for (Future<?> starter : starters) {
                starter.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("not all workflows were started", e.getCause());
        } finally {
            threads.shutdown();
        }
    }

    private static Workflow<Mail> chainOfSteps() {
        Workflow<Mail> chain = chain(call(FlowTasks::echo, Mail.WELCOME));
        for (int step = 1; step < SIZE; step++) {
            chain = chain.then(FlowTasks::echo);
        }
        return chain;
    }

    private static List<Call<Mail>> echoes() {
        return Collections.nCopies(SIZE, call(FlowTasks::echo, Mail.WELCOME));
    }

    private static Stream<Call<?>> members() {
        return Stream.concat(
                echoes().stream(), Stream.of(call(FlowTasks::join, Collections.nCopies(SIZE, Mail.WELCOME))));
    }

    /** Runs what is stored, until the last end is recorded. */
    private void runAll(long jobs) {
        CountDownLatch done = new CountDownLatch(1);
        AtomicLong left = new AtomicLong(jobs);
        AtomicReference<@Nullable QueueEvent> wrong = new AtomicReference<>();
        TaskQueue worker = TaskQueue.builder()
                .broker(Brokers.connect(uri))
                .concurrency(concurrency)
                .tasks(new FlowTasks())
                .listener(event -> {
                    if (event.isEnd() && !(event instanceof QueueEvent.Succeeded)) {
                        wrong.compareAndSet(null, event);
                    }
                    if (event.isEnd() && left.decrementAndGet() == 0) {
                        done.countDown();
                    }
                })
                .start();
        try (worker) {
            if (!done.await(MOST_MINUTES, TimeUnit.MINUTES) || wrong.get() != null) {
                throw new IllegalStateException(left + " of " + jobs + " jobs are left, and one ended as " + wrong);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private double calls() {
        for (String line : Wire.text(control.call("INFO", "commandstats")).split("\r\n", -1)) {
            if (line.startsWith("cmdstat_evalsha:calls=")) {
                return Double.parseDouble(line.substring(line.indexOf('=') + 1, line.indexOf(',')));
            }
        }
        return 0;
    }
}
