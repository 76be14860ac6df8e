package io.tidemill.redis.model;

import static org.assertj.core.api.Assertions.fail;

import io.tidemill.redis.Thorough;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The Redis broker does what the in-memory broker does: sequences of {@value #OPERATIONS} operations on both, side by
 * side; 80 of them in an ordinary build and 10,000 in a thorough one.
 *
 * <p>{@code -Dtidemill.seed=42} runs one of them, {@code -Dtidemill.seeds=10000-19999} others.
 */
@Tag(Thorough.TAG)
class ModelVersusRealIT {

    static final int OPERATIONS = 30;

    private static final int SEEDS = Thorough.size(80, 10_000);
    /** How many sequences lie between two looks at the keys themselves, which take as long as the sequences. */
    private static final int INVARIANTS_EVERY = 25;

    private static final int RUNNERS = 3;

    @Test
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    void both_brokers_say_the_same_whatever_happens() throws InterruptedException {
        Real.assumeServerIsNewEnough();
        String one = System.getProperty("tidemill.seed");
        String[] range = System.getProperty("tidemill.seeds", one == null ? "0-" + (SEEDS - 1) : one + "-" + one)
                .split("-", 2);
        AtomicLong next = new AtomicLong(Long.parseLong(range[0]));
        long last = Long.parseLong(range[1]);
        ExecutorService runners = Executors.newFixedThreadPool(RUNNERS);
        try {
            List<Future<?>> ran = new ArrayList<>();
            for (int i = 0; i < RUNNERS; i++) {
                ran.add(runners.submit(() -> run(next, last)));
            }
            for (Future<?> each : ran) {
                each.get();
            }
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause().getMessage(), e.getCause());
        } finally {
            runners.shutdownNow();
        }
    }

    private static void run(AtomicLong next, long last) {
        try (Real real = new Real()) {
            for (long seed = next.getAndIncrement(); seed <= last; seed = next.getAndIncrement()) {
                List<Operation> operations = Generator.operations(seed, OPERATIONS);
                Optional<Difference> difference = Comparison.run(real, operations);
                if (difference.isPresent()) {
                    next.set(last + 1);
                    fail(report(seed, real, operations, difference.get()));
                }
                if (seed % INVARIANTS_EVERY == 0) {
                    real.checkInvariants();
                }
            }
        }
    }

    private static String report(long seed, Real real, List<Operation> operations, Difference first) {
        List<Operation> shortest =
                new Shrinker(some -> Comparison.run(real, some).isPresent()).shrink(operations);
        StringBuilder report =
                new StringBuilder("seed " + seed + " makes the brokers differ. The shortest sequence:\n");
        for (int i = 0; i < shortest.size(); i++) {
            report.append("  ").append(i).append("  ").append(shortest.get(i)).append('\n');
        }
        // One that does not show again depends on the time that something took.
        return report.append(Comparison.run(real, shortest).orElse(first))
                .append("\nto see it again: mvn -pl queue-redis -am test -Dtest=ModelVersusRealIT")
                .append(" -Dsurefire.failIfNoSpecifiedTests=false -Dtidemill.seed=")
                .append(seed)
                .toString();
    }
}
