package io.tidemill.schedule;

import io.tidemill.ReadByExtension;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Runs a task by a cron expression. The method is a {@link io.tidemill.task.Task} without arguments, or with a
 * {@link Tick} as the only one. The schedule has the name of the task, and the defaults of {@link Schedule} otherwise;
 * what is not here, as a misfire policy, is said with {@link Scheduler#schedule}.
 *
 * <p>It counts in processes that run the task and have a {@link Scheduler} installed. One without it logs a warning.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ReadByExtension("io.tidemill.schedule.Scheduler")
public @interface Cron {

    /** The expression: see {@link Timing#cron}. */
    String value();

    /** The time zone, such as {@code Europe/Berlin}. */
    String zone() default "UTC";

    /** The longest wait after a due time, such as {@code 5m}: see {@link Timing#jitter}. */
    String jitter() default "0s";

    /** What happens while the last job has not ended. */
    Overlap overlap() default Overlap.ALLOW;
}
