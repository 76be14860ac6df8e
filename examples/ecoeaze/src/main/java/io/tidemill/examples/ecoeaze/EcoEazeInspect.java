package io.tidemill.examples.ecoeaze;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.tidemill.TaskQueue;
import io.tidemill.examples.ecoeaze.dashboard.Inspector;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A command for operators: {@code active}, {@code stats} or {@code memory}. */
public final class EcoEazeInspect {

    private EcoEazeInspect() {}

    /** Prints what is running, how much was done, or how much memory Redis uses. */
    public static void main(String[] arguments) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        boolean known = arguments.length == 1 && print(arguments[0], Settings.fromEnvironment(), out);
        if (!known) {
            out.println("say one of: active, stats, memory");
            System.exit(2);
        }
    }

    /** Prints the answer; false if the command is not known. */
    static boolean print(String command, Settings settings, PrintStream out) {
        switch (command) {
            case "active", "stats" -> inspect(command, settings, out);
            case "memory" -> memory(settings, out);
            default -> {
                return false;
            }
        }
        return true;
    }

    private static void inspect(String command, Settings settings, PrintStream out) {
        try (TaskQueue queue = EcoEazeWorker.connect(settings, event -> {})) {
            Inspector inspector = new Inspector(queue.admin());
            if (command.equals("active")) {
                active(inspector, out);
            } else {
                stats(inspector.stats(), out);
            }
        }
    }

    static void active(Inspector inspector, PrintStream out) {
        inspector
                .active()
                .forEach(job -> out.printf(
                        Locale.ROOT, "%-14s %-32s %-24s %s%n", job.queue(), job.task(), job.id(), job.worker()));
    }

    static void stats(Inspector.Stats stats, PrintStream out) {
        String line = "%-14s %8s %8s %8s %10s %6s%n";
        out.printf(Locale.ROOT, line, "queue", "waiting", "delayed", "active", "succeeded", "dead");
        stats.queues()
                .forEach((queue, jobs) -> out.printf(
                        Locale.ROOT,
                        line,
                        queue,
                        jobs.waiting(),
                        jobs.delayed(),
                        jobs.active(),
                        jobs.succeeded(),
                        jobs.dead()));
        stats.workers()
                .forEach(worker -> out.printf(
                        Locale.ROOT,
                        "worker %s on %s, process %d, runs %d of %d jobs, since %s%n",
                        worker.id(),
                        worker.host(),
                        worker.pid(),
                        worker.active(),
                        worker.concurrency(),
                        worker.started()));
    }

    private static void memory(Settings settings, PrintStream out) {
        RedisClient redis = RedisClient.create();
        try {
            for (RedisDb db : RedisDb.values()) {
                Long keys = redis.connect(RedisURI.create(settings.redis(db)))
                        .sync()
                        .dbsize();
                out.printf(
                        Locale.ROOT,
                        "database %d, %s: %d keys%n",
                        db.number(),
                        db.name().toLowerCase(Locale.ROOT),
                        keys);
            }
            String info = redis.connect(RedisURI.create(settings.redis(RedisDb.BROKER)))
                    .sync()
                    .info("memory");
            info.lines()
                    .filter(each -> each.startsWith("used_memory_human") || each.startsWith("maxmemory_human"))
                    .forEach(out::println);
        } finally {
            redis.shutdown();
        }
    }
}
