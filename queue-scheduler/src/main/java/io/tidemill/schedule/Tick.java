package io.tidemill.schedule;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The due time that a job was stored for: the only argument of a scheduled task that wants to know it.
 *
 * <pre>{@code
 * @Task(name = "nightly")
 * @Cron("0 2 * * *")
 * public void nightly(Tick tick) { ... }
 * }</pre>
 *
 * <p>Immutable.
 *
 * @param schedule the name of the schedule
 * @param due the due time; the job was stored then or later. Of a job that was triggered by hand, the time of that
 * @param previous the due time before it for which a job was stored; null for the first one
 */
public record Tick(String schedule, Instant due, @Nullable Instant previous) {

    /**
     * Stands in a call for the tick of each job: {@code Schedule.of(name, timing, call(Reports::nightly, Tick.EACH))}.
     */
    public static final Tick EACH = new Tick("each", Instant.EPOCH, null);
}
