package io.tidemill.task;

import java.lang.annotation.Documented;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * How many jobs of a batch task run together, and how long they wait for each other. Read into {@link BatchOptions}.
 * The method takes a {@link Batch}.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({})
public @interface BatchSize {

    /** A number that is left out. */
    int LEFT_OUT = -1;

    /** Most jobs in one batch. Default 100. Range 1 to 1,000. See {@link BatchOptions#max}. */
    int max() default LEFT_OUT;

    /**
     * How long the first job of a batch waits for others, for example {@code "2s"}. Default {@code "1s"}. Range 1 ms to
     * 1 h.
     */
    String within() default "";
}
