package io.tidemill.task;

import io.tidemill.lint.CheckReturnValue;
import io.tidemill.text.Durations;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * When a failed run is tried again: exponential back-off with jitter and a cap. A pure function of the policy, the
 * number of failures and a random number.
 *
 * <p>The longest wait after failure {@code n} (the first is 1) is {@code min(maxDelay, delay * multiplier^(n-1))},
 * computed so that it saturates and never overflows. With jitter the wait is drawn uniformly between half of that and
 * all of it ("equal jitter" in M. Brooker, <i>Exponential Backoff And Jitter</i>, AWS Architecture Blog, 2015). That
 * spreads jobs that failed together, and a job still outlives an outage of a length that can be computed: with the
 * defaults at least 2.5 hours, at most about 5.
 *
 * <p>Immutable. Begin with {@link #defaults()} and change what should differ.
 */
@CheckReturnValue
public final class RetryPolicy {

    private static final int MAX_CAUSES = 20;

    private static final RetryPolicy DEFAULT =
            new RetryPolicy(16, Duration.ofSeconds(2), 2, Duration.ofHours(1), true, List.of(), List.of(), null);

    private final int maxAttempts;
    private final Duration delay;
    private final double multiplier;
    private final Duration maxDelay;
    private final boolean jitter;
    private final List<Class<? extends Throwable>> on;
    private final List<Class<? extends Throwable>> giveUpOn;
    private final @Nullable Duration window;

    private RetryPolicy(
            int maxAttempts,
            Duration delay,
            double multiplier,
            Duration maxDelay,
            boolean jitter,
            List<Class<? extends Throwable>> on,
            List<Class<? extends Throwable>> giveUpOn,
            @Nullable Duration window) {
        if (maxAttempts < 1 || maxAttempts > 10_000) {
            throw new IllegalArgumentException("maxAttempts must be 1 to 10,000, got " + maxAttempts);
        }
        if (!(multiplier >= 1 && multiplier <= 100)) {
            throw new IllegalArgumentException("multiplier must be 1 to 100, got " + multiplier);
        }
        this.maxAttempts = maxAttempts;
        this.delay = Durations.check("delay", delay);
        this.multiplier = multiplier;
        this.maxDelay = Durations.check("maxDelay", maxDelay);
        this.jitter = jitter;
        this.on = List.copyOf(on);
        this.giveUpOn = List.copyOf(giveUpOn);
        this.window = window == null ? null : Durations.checkPositive("window", window);
    }

    /** 16 attempts, 2 s doubling up to 1 h, with jitter, every failure. */
    public static RetryPolicy defaults() {
        return DEFAULT;
    }

    /**
     * What an annotation says, and this policy for what it leaves out.
     *
     * @throws IllegalArgumentException if a value is out of its range
     */
    public RetryPolicy with(Retry said) {
        return new RetryPolicy(
                said.maxAttempts() == Retry.LEFT_OUT ? maxAttempts : said.maxAttempts(),
                said.delay().isEmpty() ? delay : Durations.parse("retry.delay", said.delay()),
                said.multiplier() == Retry.LEFT_OUT ? multiplier : said.multiplier(),
                said.maxDelay().isEmpty() ? maxDelay : Durations.parse("retry.maxDelay", said.maxDelay()),
                jitter && said.jitter(),
                said.on().length == 0 ? on : List.of(said.on()),
                said.giveUpOn().length == 0 ? giveUpOn : List.of(said.giveUpOn()),
                said.window().isEmpty() ? window : Durations.parse("retry.window", said.window()));
    }

    /** Runs before the job is dead, the first included; 1 to 10,000, default 16. */
    public int maxAttempts() {
        return maxAttempts;
    }

    /** Longest wait after the first failure; 0 to 10 years, default 2 s. */
    public Duration delay() {
        return delay;
    }

    /** Growth of the longest wait per failure; 1 to 100, default 2. */
    public double multiplier() {
        return multiplier;
    }

    /** Cap of the longest wait; 0 to 10 years, default 1 h. */
    public Duration maxDelay() {
        return maxDelay;
    }

    /** Whether the wait is drawn at random; default true. */
    public boolean jitter() {
        return jitter;
    }

    /** Failures that are tried again, by class or cause; empty, the default, means every failure. */
    public List<Class<? extends Throwable>> on() {
        return on;
    }

    /** Failures that end the job at once, by class or cause; stronger than {@link #on}; default none. */
    public List<Class<? extends Throwable>> giveUpOn() {
        return giveUpOn;
    }

    /**
     * No run begins later than so long after the job was created, unless it is the first; null, the default, for no
     * limit.
     */
    public @Nullable Duration window() {
        return window;
    }

    /** The same failures, tried again as often and after such waits as the other policy says. */
    public RetryPolicy withTimesOf(RetryPolicy other) {
        return new RetryPolicy(
                other.maxAttempts,
                other.delay,
                other.multiplier,
                other.maxDelay,
                other.jitter,
                on,
                giveUpOn,
                other.window);
    }

    /** The same with another {@link #maxAttempts}. */
    public RetryPolicy withMaxAttempts(int value) {
        return new RetryPolicy(value, delay, multiplier, maxDelay, jitter, on, giveUpOn, window);
    }

    /** The same with another {@link #delay}. */
    public RetryPolicy withDelay(Duration value) {
        return new RetryPolicy(maxAttempts, value, multiplier, maxDelay, jitter, on, giveUpOn, window);
    }

    /** The same with another {@link #multiplier}. */
    public RetryPolicy withMultiplier(double value) {
        return new RetryPolicy(maxAttempts, delay, value, maxDelay, jitter, on, giveUpOn, window);
    }

    /** The same with another {@link #maxDelay}. */
    public RetryPolicy withMaxDelay(Duration value) {
        return new RetryPolicy(maxAttempts, delay, multiplier, value, jitter, on, giveUpOn, window);
    }

    /** The same with or without {@link #jitter}. */
    public RetryPolicy withJitter(boolean value) {
        return new RetryPolicy(maxAttempts, delay, multiplier, maxDelay, value, on, giveUpOn, window);
    }

    /** The same with other failures to try again {@link #on}. */
    public RetryPolicy withOn(List<Class<? extends Throwable>> value) {
        return new RetryPolicy(maxAttempts, delay, multiplier, maxDelay, jitter, value, giveUpOn, window);
    }

    /** The same with other failures to {@link #giveUpOn}. */
    public RetryPolicy withGiveUpOn(List<Class<? extends Throwable>> value) {
        return new RetryPolicy(maxAttempts, delay, multiplier, maxDelay, jitter, on, value, window);
    }

    /** The same with another {@link #window}; 1 ms to 10 years. */
    public RetryPolicy withWindow(Duration value) {
        return new RetryPolicy(maxAttempts, delay, multiplier, maxDelay, jitter, on, giveUpOn, value);
    }

    /** Whether a run may begin when the job is as old as this and has run before. */
    public boolean isInWindow(Duration age) {
        return window == null || age.compareTo(window) <= 0;
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
        return Duration.ofMillis(jitter ? random.nextLong(millis / 2, millis + 1) : millis);
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

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RetryPolicy policy && values().equals(policy.values());
    }

    @Override
    public int hashCode() {
        return values().hashCode();
    }

    @Override
    public String toString() {
        return "RetryPolicy[maxAttempts=" + maxAttempts + ", delay=" + delay + ", multiplier=" + multiplier
                + ", maxDelay=" + maxDelay + ", jitter=" + jitter + ", on=" + on + ", giveUpOn=" + giveUpOn
                + ", window="
                + window + "]";
    }

    private List<@Nullable Object> values() {
        return Arrays.asList(maxAttempts, delay, multiplier, maxDelay, jitter, on, giveUpOn, window);
    }
}
