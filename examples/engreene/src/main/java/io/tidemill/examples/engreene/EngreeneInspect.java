package io.tidemill.examples.engreene;

import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/**
 * Looks at a running system: {@code ping}, {@code health}, {@code stats}, {@code job <id>}, {@code keys <pattern>}.
 * Exits with 0, with 1 if the answer is bad (no health, no such job), with 2 for an unknown command.
 */
public final class EngreeneInspect {

    private static final int PAGE = 500;

    private EngreeneInspect() {}

    /** Prints what the arguments ask for. */
    public static void main(String[] arguments) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        try (EngreeneService service = EngreeneService.open(Settings.fromEnvironment())) {
            service.startProducer(event -> {});
            System.exit(run(service, out, arguments));
        }
    }

    static int run(EngreeneService service, PrintStream out, String... arguments) {
        String command = arguments.length == 0 ? "" : arguments[0];
        String argument = arguments.length < 2 ? "" : arguments[1];
        return switch (command) {
            case "ping" -> text(service.ping(), out);
            case "health" -> health(service.healthCheck(), out);
            case "stats" -> {
                print(service.getStats(), out);
                yield 0;
            }
            case "job" -> job(service, argument, out);
            case "keys" -> keys(service.redis().commands(), argument.isEmpty() ? "cache:*" : argument, out);
            default -> {
                out.println("commands: ping, health, stats, job <id>, keys <pattern>");
                yield 2;
            }
        };
    }

    private static int text(String text, PrintStream out) {
        out.println(text);
        return 0;
    }

    private static int health(HealthReport health, PrintStream out) {
        out.println(health.healthy() ? "healthy" : "not healthy");
        health.problems().forEach(problem -> out.println("  " + problem));
        return health.healthy() ? 0 : 1;
    }

    private static int job(EngreeneService service, String id, PrintStream out) {
        return service.jobQueue()
                .getJob(id)
                .map(job -> {
                    out.println(job);
                    return 0;
                })
                .orElseGet(() -> {
                    out.println("no job '" + id + "'");
                    return 1;
                });
    }

    /** With SCAN, which does not stop Redis for others as KEYS does. */
    private static int keys(RedisClusterCommands<String, String> redis, String pattern, PrintStream out) {
        TreeSet<String> keys = new TreeSet<>();
        ScanCursor cursor = ScanCursor.INITIAL;
        do {
            KeyScanCursor<String> page =
                    redis.scan(cursor, ScanArgs.Builder.matches(pattern).limit(PAGE));
            keys.addAll(page.getKeys());
            cursor = page;
        } while (!cursor.isFinished());
        keys.forEach(out::println);
        return 0;
    }

    static void print(ServiceStats stats, PrintStream out) {
        line(out, "jobs", stats.jobs());
        line(out, "sessions", stats.sessions());
        line(out, "cache", stats.cache());
        out.printf(Locale.ROOT, "%-10s hit ratio %.2f%n", "", stats.cache().hitRatio());
        stats.breakers().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(each -> line(out, each.getKey(), each.getValue()));
        out.printf(Locale.ROOT, "%-10s %d keys, %s%n", "redis", stats.redisKeys(), stats.redisMemory());
    }

    /** The parts of a record without its name. */
    private static void line(PrintStream out, String name, Record record) {
        String text = record.toString();
        out.printf(Locale.ROOT, "%-10s %s%n", name, text.substring(text.indexOf('[') + 1, text.length() - 1));
    }
}
