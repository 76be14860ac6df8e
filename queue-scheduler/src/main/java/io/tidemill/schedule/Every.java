package io.tidemill.schedule;

import io.tidemill.ReadByExtension;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Runs a task at a fixed interval, counted from 1970: see {@link Timing#every(java.time.Duration)}. As {@link Cron}
 * otherwise.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ReadByExtension("io.tidemill.schedule.Scheduler")
public @interface Every {

    /** The interval, such as {@code 30s}, {@code 10m} or {@code 1h}: 1 s to 3,650 days. */
    String value();

    /** The longest wait after a due time, such as {@code 5s}: see {@link Timing#jitter}. */
    String jitter() default "0s";

    /** What happens while the last job has not ended. */
    Overlap overlap() default Overlap.ALLOW;
}
