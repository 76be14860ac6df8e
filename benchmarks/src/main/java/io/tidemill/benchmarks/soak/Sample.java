package io.tidemill.benchmarks.soak;

import io.tidemill.benchmarks.compare.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Everything that could grow, at one moment. What a platform does not tell is 0. */
final class Sample {

    /** The figures of a sample, in order. */
    static final List<String> COLUMNS = List.of(
            "live heap MB", "RSS MB", "threads", "files", "Redis MB", "Redis RSS MB", "clients", "keys", "waiting");

    private static final double MB = 1 << 20;
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path FILES = Path.of("/proc/self/fd");

    private Sample() {}

    static double[] take(Wire redis, long waiting) {
        return new double[] {
            heapAfterCollection() / MB,
            rssKilobytes() / 1024,
            ManagementFactory.getThreadMXBean().getThreadCount(),
            files(),
            redis.info("memory", "used_memory") / MB,
            redis.info("memory", "used_memory_rss") / MB,
            redis.info("clients", "connected_clients"),
            Double.parseDouble(Wire.text(redis.call("DBSIZE"))),
            waiting
        };
    }

    /** What is reachable: a full collection, which takes some ms every 10 s, leaves nothing else. */
    private static double heapAfterCollection() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static double rssKilobytes() {
        try (Stream<String> lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")))
                    .sum();
        } catch (IOException | UncheckedIOException e) {
            return 0;
        }
    }

    private static double files() {
        try (Stream<Path> open = Files.list(FILES)) {
            return open.count();
        } catch (IOException e) {
            return 0;
        }
    }
}
