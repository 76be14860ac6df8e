package io.tidemill.benchmarks.compare;

import io.tidemill.benchmarks.Mail;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Rounds in which contenders take turns, each with an empty Redis, and what they came to. */
final class Rounds {

    private static final long ORDER_SEED = 42;
    private static final Pattern COMMAND = Pattern.compile("cmdstat_(\\S+):calls=(\\d+),usec=(\\d+).*");

    private final Wire control;
    private final int count;
    private final boolean isTellingStats;
    private final Results results;

    /**
     * Rounds of one Redis.
     *
     * @param count how many are counted for each figure
     * @param isTellingStats whether it prints what Redis spent its time on
     */
    Rounds(Wire control, int count, boolean isTellingStats, Results results) {
        this.control = control;
        this.count = count;
        this.isTellingStats = isTellingStats;
        this.results = results;
    }

    /** A figure per round and contender, after rounds that are not counted. */
    void figures(String work, List<Contender> contenders, int warmUps, ToDoubleFunction<Contender> measure) {
        for (int i = 0; i < warmUps; i++) {
            for (Contender contender : contenders) {
                empty();
                tell(work, "warm-up", contender, measure.applyAsDouble(contender));
            }
        }
        interleave(contenders, contender -> add(work, contender, measure.applyAsDouble(contender)));
    }

    /** A figure was measured. */
    void add(String work, Contender contender, double figure) {
        results.add(work, contender.name(), figure);
        tell(work, "", contender, figure);
    }

    /** In another order each round, so that nobody always follows the same one. */
    void interleave(List<Contender> contenders, Consumer<Contender> measure) {
        List<Contender> order = new ArrayList<>(contenders);
        Random random = new Random(ORDER_SEED);
        for (int round = 0; round < count; round++) {
            Collections.shuffle(order, random);
            for (Contender contender : order) {
                empty();
                settle();
                control.call("CONFIG", "RESETSTAT");
                long cpu = ownCpuNanos();
                long start = System.nanoTime();
                measure.accept(contender);
                double share = (ownCpuNanos() - cpu) / (double) (System.nanoTime() - start);
                tellStats(contender, share);
            }
        }
    }

    /** Lets this JVM compile and clean up what the last contender left to do, for at most a second. */
    private static void settle() {
        long step = 50_000_000;
        for (int i = 0; i < 20; i++) {
            long before = ownCpuNanos();
            LockSupport.parkNanos(step);
            if (ownCpuNanos() - before < step / 5) {
                return;
            }
        }
    }

    /** Bytes of Redis per job, for each contender once. */
    void bytes(String work, List<Contender> contenders, int jobs, int payload, long delayMillis) {
        for (Contender contender : contenders) {
            // Once without counting, so that scripts are loaded and tables have their size.
            empty();
            contender.store(1000, payload, delayMillis);
            empty();
            long before = usedMemory();
            contender.store(jobs, payload, delayMillis);
            add(work, contender, (usedMemory() - before) / (double) jobs);
        }
        empty();
    }

    /** With all other connections closed: their buffers are no jobs. Redis takes a moment to let go of them. */
    private long usedMemory() {
        long deadline = System.nanoTime() + 5_000_000_000L;
        while (control.info("clients", "connected_clients") > 1 && System.nanoTime() - deadline < 0) {
            Thread.onSpinWait();
        }
        return control.info("memory", "used_memory");
    }

    private void empty() {
        control.call("FLUSHALL", "SYNC");
    }

    /** Processor time of this JVM: while a peer is measured it should be next to none. */
    private static long ownCpuNanos() {
        return ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .orElse(Duration.ZERO)
                .toNanos();
    }

    private static void tell(String work, String remark, Contender contender, double figure) {
        System.out.printf(Locale.ROOT, "%-20s %-10s %,12.0f  %s%n", work, contender.name(), figure, remark);
    }

    private void tellStats(Contender contender, double share) {
        if (!isTellingStats) {
            return;
        }
        Stream<Matcher> commands = Wire.text(control.call("INFO", "commandstats"))
                .lines()
                .map(COMMAND::matcher)
                .filter(Matcher::matches);
        String told = commands.sorted((a, b) -> Long.compare(Long.parseLong(b.group(3)), Long.parseLong(a.group(3))))
                .limit(12)
                .map(command -> String.format(
                        "    %-12s calls %,9d  ms %,7d",
                        command.group(1), Long.parseLong(command.group(2)), Long.parseLong(command.group(3)) / 1000))
                .collect(Collectors.joining("\n"));
        System.out.printf(
                Locale.ROOT,
                "  Redis under %s, payload %d bytes (this JVM used %.2f of a core meanwhile):%n%s%n",
                contender.name(),
                Mail.BYTES,
                share,
                told);
    }
}
