package io.tidemill.task;

import java.lang.annotation.Documented;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * When a failed run of a {@link Task} is tried again. Read into a {@link RetryPolicy}, which explains the formula.
 *
 * <p>What is left out follows the default policy of the {@code TaskQueue} that runs the task; the defaults given here
 * are those of {@link RetryPolicy#defaults}.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({})
public @interface Retry {

    /** A number that is left out. */
    int LEFT_OUT = -1;

    /**
     * How many runs may fail before the job is dead, the first one included. Default 16. Range 1 to 10,000. Runs that
     * were cut short because their worker died count here too once the job fails, but they are limited by
     * {@code maxLostLeases} of the worker: a job with one attempt runs again after a crash.
     */
    int maxAttempts() default LEFT_OUT;

    /** Longest wait before the second run. Default {@code "2s"}. Range 0 to 10 years. */
    String delay() default "";

    /** What the longest wait is multiplied with after each failure. Default 2. Range 1 to 100. */
    double multiplier() default LEFT_OUT;

    /** Cap of the longest wait. Default {@code "1h"}. Range 0 to 10 years. */
    String maxDelay() default "";

    /**
     * Whether the wait is drawn at random between half of the longest wait and all of it, so that jobs which failed
     * together do not come back together. Default true; false if the default policy says so.
     */
    boolean jitter() default true;

    /** Failures that are tried again: the thrown class or any of its causes is one of these. Default: every failure. */
    Class<? extends Throwable>[] on() default {};

    /** Failures that end the job at once, by thrown class or cause. Stronger than {@link #on}. Default: none. */
    Class<? extends Throwable>[] giveUpOn() default {};

    /**
     * How long after the job was created a failed run may be tried again, for example {@code "1d"}: a job whose next
     * run would begin later is dead. Counts from the call, also if the job is delayed, by the clocks of the producer
     * and the worker. Default: no limit but {@link #maxAttempts}. Range 1 ms to 10 years.
     */
    String window() default "";
}
