package io.tidemill.metrics;

import static io.micrometer.core.instrument.Meter.Type.COUNTER;
import static io.micrometer.core.instrument.Meter.Type.DISTRIBUTION_SUMMARY;
import static io.micrometer.core.instrument.Meter.Type.GAUGE;
import static io.micrometer.core.instrument.Meter.Type.TIMER;
import static io.tidemill.metrics.MeterTag.CHECK;
import static io.tidemill.metrics.MeterTag.HOP;
import static io.tidemill.metrics.MeterTag.LOOP;
import static io.tidemill.metrics.MeterTag.NAME;
import static io.tidemill.metrics.MeterTag.OUTCOME;
import static io.tidemill.metrics.MeterTag.QUEUE;
import static io.tidemill.metrics.MeterTag.SCRIPT;
import static io.tidemill.metrics.MeterTag.STATE;
import static io.tidemill.metrics.MeterTag.TASK;

import io.micrometer.common.docs.KeyName;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.docs.MeterDocumentation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All meters that {@link MicrometerMetrics} registers. {@code docs/metrics.md} is written from this list.
 *
 * <p>Times are in seconds where the registry does not choose another unit. Meters are added in later versions.
 */
public enum QueueMeters implements MeterDocumentation {
    /** Stored. */
    JOBS_ENQUEUED("tidemill.jobs.enqueued", COUNTER, "Jobs that this process stored.", NAME, QUEUE, TASK),
    /** Not stored again. */
    JOBS_DUPLICATES(
            "tidemill.jobs.duplicates",
            COUNTER,
            "Calls of this process that stored nothing, as a job with that id or unique key was there.",
            NAME,
            QUEUE,
            TASK),
    /** Runs that began. */
    JOBS_STARTED("tidemill.jobs.started", COUNTER, "Runs that began in this process.", NAME, QUEUE, TASK),
    /** From the call to the first run. */
    JOBS_WAIT(
            "tidemill.jobs.wait",
            TIMER,
            "How long a job waited for its first run: from its call, or from when it was due at that call, even if it"
                    + " was rescheduled since. By the clocks of the producer and of this process.",
            NAME,
            QUEUE,
            TASK),
    /** Runs that ended. */
    JOBS_RUN(
            "tidemill.jobs.run",
            TIMER,
            "How long runs in this process took, by what became of the job: `succeeded`, `retried`, `dead`, `released`,"
                    + " `cancelled`, or `lost` if the lease had ended.",
            NAME,
            QUEUE,
            TASK,
            OUTCOME),
    /** Runs that failed. */
    JOBS_FAILURES(
            "tidemill.jobs.failures", COUNTER, "Runs that failed: tried again, or the job is dead.", NAME, QUEUE, TASK),
    /** Failed and tried again. */
    JOBS_RETRIES("tidemill.jobs.retries", COUNTER, "Runs that failed and are tried again.", NAME, QUEUE, TASK),
    /** Given back. */
    JOBS_RELEASES(
            "tidemill.jobs.releases",
            COUNTER,
            "Jobs that were given back without a failure: snoozed, not known here, or stopped by a shutdown.",
            NAME,
            QUEUE,
            TASK),
    /** Jobs that ended. */
    JOBS_ENDED(
            "tidemill.jobs.ended",
            COUNTER,
            "Jobs that ended, as this process recorded it: `succeeded`, `dead`, `cancelled` or `expired`.",
            NAME,
            QUEUE,
            TASK,
            OUTCOME),
    /** Refused outcomes. */
    LEASES_LOST(
            "tidemill.leases.lost",
            COUNTER,
            "Runs whose outcome the broker refused, as the lease had ended.",
            NAME,
            QUEUE,
            TASK),
    /** Jobs of workers that are gone. */
    LEASES_RECOVERED(
            "tidemill.leases.recovered",
            COUNTER,
            "Jobs whose lease had ended, perhaps at a worker that was killed, and that this process made ready again.",
            NAME,
            QUEUE,
            TASK),
    /** What a queue holds. */
    QUEUE_JOBS(
            "tidemill.queue.jobs",
            GAUGE,
            "Jobs in the queue, over all processes. Not a number while the broker does not answer.",
            NAME,
            QUEUE,
            STATE),
    /** How late the queue is. */
    QUEUE_OLDEST_AGE(
            "tidemill.queue.oldest.age",
            GAUGE,
            "How long the job that is to run next, and has not run before, has waited: since its call, or since it was"
                    + " due at that call; 0 if none is ready. Of partitions the longest. Not a number while only jobs"
                    + " come next that have run before, as redriven ones. In a queue with priorities or groups others"
                    + " may have waited longer.",
            NAME,
            QUEUE),
    /** Whether jobs are handed out. */
    QUEUE_PAUSED("tidemill.queue.paused", GAUGE, "1 while the queue is paused, and 0 otherwise.", NAME, QUEUE),
    /** Who serves the queue. */
    QUEUE_WORKERS(
            "tidemill.queue.workers",
            GAUGE,
            "Live workers that serve the queue, over all processes. One that was killed counts for 30 s more.",
            NAME,
            QUEUE),
    /** Held back by limits. */
    LIMITS_HELD(
            "tidemill.limits.held",
            GAUGE,
            "Ready jobs that limits hold back, over all processes: all of them while a limit of the queue as a whole is"
                    + " reached, else those of groups that have to wait. They are among the `ready` ones, too. Its"
                    + " average by the rate of `tidemill.jobs.started` is how long limits hold up a job on average.",
            NAME,
            QUEUE),
    /** For how long limits hold jobs back. */
    LIMITS_HELD_AGE(
            "tidemill.limits.held.age",
            GAUGE,
            "For how long limits have held back jobs of the queue without a break, as far as counting them once in an"
                    + " interval shows it; 0 while none is held back.",
            NAME,
            QUEUE),
    /** How late schedules fire. */
    SCHEDULES_LATE(
            "tidemill.schedules.late",
            TIMER,
            "How long after its due time the job of a schedule was stored, of those that this process fired.",
            NAME,
            QUEUE),
    /** Schedules that do not fire. */
    SCHEDULES_OVERDUE(
            "tidemill.schedules.overdue",
            GAUGE,
            "How long ago a schedule of the queue should have fired that has not; of several the longest; 0 if there is"
                    + " none. By the clock of the broker. One that cannot fire is tried again later and later, for"
                    + " 10 min at most, and is not overdue in between: its `problem()` says why.",
            NAME,
            QUEUE),
    /** Slots with a job. */
    SLOTS_USED("tidemill.slots.used", GAUGE, "Jobs that this process holds, running or about to.", NAME),
    /** All slots. */
    SLOTS_TOTAL("tidemill.slots.total", GAUGE, "Most jobs that this process runs at once.", NAME),
    /** Whether loops turn. */
    LOOP_LATE(
            "tidemill.loop.late",
            GAUGE,
            "For how long a round of a loop is overdue; 0 while the loop waits for its next round.",
            NAME,
            LOOP),
    /** What health says. */
    HEALTH("tidemill.health", GAUGE, "1 if the queue is `ready`, or `live`, and 0 if not.", NAME, CHECK),
    /** The broker is away. */
    BROKER_OUTAGES(
            "tidemill.broker.outages",
            COUNTER,
            "How often the broker stopped answering. Counted when it begins.",
            NAME),
    /** Round trips. */
    BROKER_REQUESTS(
            "tidemill.broker.requests",
            TIMER,
            "Round trips to the broker, from the request to its answer: `answered`, or `failed` if there was none or"
                    + " the broker refused.",
            NAME,
            HOP,
            OUTCOME),
    /** Single scripts. */
    BROKER_SCRIPTS(
            "tidemill.broker.scripts",
            TIMER,
            "Scripts that this process had the server of the broker execute, from when each was sent to its reply:"
                    + " `answered`, or `failed`. A request of `tidemill.broker.requests` is one of them or several, with"
                    + " what it waits for in between. Only brokers that work with scripts have it, as Redis.",
            NAME,
            SCRIPT,
            OUTCOME),
    /** How much a round trip carries. */
    BROKER_BATCH(
            "tidemill.broker.batch",
            DISTRIBUTION_SUMMARY,
            "How large requests to the broker were: jobs to store or record, slots to fill, leases to extend, queues to"
                    + " survey, jobs that a sweep found.",
            NAME,
            HOP);

    private final String meterName;
    private final Meter.Type type;
    private final String meaning;

    @SuppressWarnings("ImmutableEnumChecker") // List.of
    private final List<MeterTag> tags;

    QueueMeters(String meterName, Meter.Type type, String meaning, MeterTag... tags) {
        this.meterName = meterName;
        this.type = type;
        this.meaning = meaning;
        this.tags = List.of(tags);
    }

    @Override
    public String getName() {
        return meterName;
    }

    @Override
    public Meter.Type getType() {
        return type;
    }

    /** {@code "seconds"} for times; null for numbers of jobs. */
    @Override
    public @Nullable String getBaseUnit() {
        return isTime() ? "seconds" : null;
    }

    @Override
    public KeyName[] getKeyNames() {
        return tags.toArray(KeyName[]::new);
    }

    /** Its tags, in their order. */
    public List<MeterTag> tags() {
        return tags;
    }

    /** What it measures: sentences in Markdown. */
    public String meaning() {
        return meaning;
    }

    boolean isTime() {
        return type == TIMER
                || meterName.endsWith(".age")
                || meterName.endsWith(".late")
                || meterName.endsWith(".overdue");
    }
}
