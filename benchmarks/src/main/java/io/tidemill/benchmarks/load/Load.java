package io.tidemill.benchmarks.load;

import io.tidemill.TaskQueue;
import io.tidemill.TaskQueueBuilder;
import io.tidemill.benchmarks.Arguments;
import io.tidemill.benchmarks.Brokers;
import io.tidemill.benchmarks.Histogram;
import io.tidemill.test.redis.RedisServer;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;

/**
 * Produces and consumes for a while and tells throughput and latencies.
 *
 * <pre>
 * -broker redis       redis (started for this run), memory, or a redis:// address
 * -seconds 10         how long
 * -warmup 3           seconds before that which do not count
 * -rate 0             jobs per second; 0 for as fast as it goes
 * -producers 1        threads that enqueue
 * -inflight 100       most unanswered requests of each
 * -concurrency 100    most jobs that run at once; 0 for a run without a worker
 * -payload 51         bytes of each payload
 * -work 0             microseconds that each job takes, asleep
 * </pre>
 *
 * <p>With a rate, latencies count from when a job was to be sent and not from when it was: a stall is not hidden by
 * sending less while it lasts.
 */
public final class Load {

    private static final Set<String> OPTIONS =
            Set.of("broker", "seconds", "warmup", "rate", "producers", "inflight", "concurrency", "payload", "work");

    private Load() {}

    public static void main(String[] args) throws InterruptedException {
        System.out.println(run(args));
    }

    /** Runs and returns the table. */
    static String run(String... args) throws InterruptedException {
        Arguments arguments = Arguments.parse(args, OPTIONS);
        String broker = arguments.text("broker", "redis");
        if (!broker.equals("redis")) {
            return run(arguments, broker);
        }
        try (RedisServer redis = RedisServer.start()) {
            return run(arguments, redis.uri());
        }
    }

    private static String run(Arguments arguments, String broker) throws InterruptedException {
        Meter meter = new Meter();
        int concurrency = arguments.number("concurrency", 100);
        TaskQueueBuilder builder = TaskQueue.builder();
        if (!broker.equals("memory")) {
            builder.broker(Brokers.connect(broker));
        }
        if (concurrency > 0) {
            builder.concurrency(concurrency)
                    .tasks(new LoadTasks(meter, Duration.ofNanos(1000L * arguments.number("work", 0))));
        }
        try (TaskQueue queue = builder.start()) {
            Producers producers = new Producers(
                    queue,
                    meter,
                    arguments.number("producers", 1),
                    arguments.number("inflight", 100),
                    arguments.number("rate", 0),
                    arguments.number("payload", 51));
            producers.run(arguments.nanos("warmup", 3));
            meter.reset();
            long start = System.nanoTime();
            producers.run(arguments.nanos("seconds", 10));
            return table(meter, (System.nanoTime() - start) / 1e9);
        }
    }

    private static String table(Meter meter, double seconds) {
        return String.format(
                        Locale.ROOT,
                        "%-20s %12s %10s %10s %10s %10s %10s%n",
                        "",
                        "jobs/s",
                        "p50 us",
                        "p90 us",
                        "p99 us",
                        "p99.9 us",
                        "max us")
                + row("enqueue -> stored", meter.stored(), seconds)
                + row("enqueue -> start", meter.started(), seconds);
    }

    private static String row(String name, Histogram histogram, double seconds) {
        return String.format(
                Locale.ROOT,
                "%-20s %,12.0f %,10d %,10d %,10d %,10d %,10d%n",
                name,
                histogram.count() / seconds,
                histogram.percentile(0.5) / 1000,
                histogram.percentile(0.9) / 1000,
                histogram.percentile(0.99) / 1000,
                histogram.percentile(0.999) / 1000,
                histogram.max() / 1000);
    }
}
