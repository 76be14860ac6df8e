package io.tidemill.task;

import io.tidemill.text.Durations;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * When a failed run is tried again: exponential back-off with full jitter and a cap. A pure function of the policy, the
 * number of failures and a random number.
 *
 * <p>The longest wait after failure {@code n} (the first is 1) is {@code min(maxDelay, delay * multiplier^(n-1))},
 * computed so that it saturates and never overflows. With jitter the wait is drawn uniformly between zero and that
 * ("full jitter" in M. Brooker, <i>Exponential Backoff And Jitter</i>, AWS Architecture Blog, 2015), which spreads jobs
 * that failed together better than any other variant compared there.
 *
 * <p>Immutable.
 *
 * @param maxAttempts runs before the job is dead, the first included; 1 to 10,000, default 5
 * @param delay longest wait after the first failure; 0 to 10 years, default 1 s
 * @param multiplier growth of the longest wait per failure; 1 to 100, default 2
 * @param maxDelay cap of the longest wait; 0 to 10 years, default 10 min
 * @param jitter whether the wait is drawn at random; default true
 * @param on failures worth another try, by class or cause; empty means every failure
 * @param giveUpOn failures that end the job at once, by class or cause; stronger than {@code on}
 */
public record RetryPolicy(
        int maxAttempts,
        Duration delay,
        double multiplier,
        Duration maxDelay,
        boolean jitter,
        List<Class<? extends Throwable>> on,
        List<Class<? extends Throwable>> giveUpOn) {

    private static final int MAX_CAUSES = 20;

    private static final RetryPolicy DEFAULT =
            new RetryPolicy(5, Duration.ofSeconds(1), 2, Duration.ofMinutes(10), true, List.of(), List.of());

    /** Checks every value's range. */
    public RetryPolicy {
        if (maxAttempts < 1 || maxAttempts > 10_000) {
            throw new IllegalArgumentException("maxAttempts must be 1 to 10,000, got " + maxAttempts);
        }
        if (!(multiplier >= 1 && multiplier <= 100)) {
            throw new IllegalArgumentException("multiplier must be 1 to 100, got " + multiplier);
        }
        Durations.check("delay", delay);
        Durations.check("maxDelay", maxDelay);
        on = List.copyOf(on);
        giveUpOn = List.copyOf(giveUpOn);
    }

    /** 5 attempts, 1 s doubling up to 10 min, full jitter, every failure. */
    public static RetryPolicy defaults() {
        return DEFAULT;
    }

    public static RetryPolicy of(Retry retry) {
        return new RetryPolicy(
                retry.maxAttempts(),
                Durations.parse("retry.delay", retry.delay()),
                retry.multiplier(),
                Durations.parse("retry.maxDelay", retry.maxDelay()),
                retry.jitter(),
                List.of(retry.on()),
                List.of(retry.giveUpOn()));
    }

    /** The same policy with another number of attempts. */
    public RetryPolicy withMaxAttempts(int attempts) {
        return new RetryPolicy(attempts, delay, multiplier, maxDelay, jitter, on, giveUpOn);
    }

    /**
     * How long to wait before the next run.
     *
     * @param failures how many runs have failed, at least 1
     * @param random where the jitter comes from
     * @return zero to {@code maxDelay}
     */
    public Duration waitAfter(int failures, RandomGenerator random) {
        double longest = Math.min(
                (double) maxDelay.toMillis(), delay.toMillis() * Math.pow(multiplier, Math.max(0, failures - 1)));
        long millis = Double.isNaN(longest) ? 0 : (long) longest;
        return Duration.ofMillis(jitter ? random.nextLong(millis + 1) : millis);
    }

    /** Whether this failure may be tried again at all, whatever the number of attempts. */
    public boolean retries(Throwable failure) {
        return !matches(failure, giveUpOn) && (on.isEmpty() || matches(failure, on));
    }

    private static boolean matches(Throwable failure, List<Class<? extends Throwable>> classes) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < MAX_CAUSES; depth++) {
            for (Class<? extends Throwable> type : classes) {
                if (type.isInstance(cause)) {
                    return true;
                }
            }
            cause = causeOf(cause);
        }
        return false;
    }

    /** An exception's own methods may throw, too; the job must come to its end all the same. */
    private static @Nullable Throwable causeOf(Throwable thrown) {
        try {
            return thrown.getCause();
        } catch (RuntimeException | Error e) {
            return null;
        }
    }
}
