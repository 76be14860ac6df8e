package io.tidemill.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import io.tidemill.event.JobEvent;
import io.tidemill.event.QueueEvent;
import io.tidemill.event.RunInfo;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What is counted of the jobs of one task in one queue: one method per event. All meters are there from the beginning,
 * since a counter that appears with its first failure has no rate to raise an alarm with.
 *
 * <p>Thread-safe.
 */
final class TaskMeters {

    /** How a run ended, or a job. */
    private enum Outcome {
        SUCCEEDED("succeeded"),
        RETRIED("retried"),
        DEAD("dead"),
        RELEASED("released"),
        CANCELLED("cancelled"),
        LOST("lost"),
        EXPIRED("expired");

        private final String tag;

        Outcome(String tag) {
            this.tag = tag;
        }

        boolean isOfRun() {
            return this != EXPIRED;
        }

        boolean isOfJob() {
            return this == SUCCEEDED || this == DEAD || this == CANCELLED || this == EXPIRED;
        }
    }

    /** What is done at each event. Events that are not in here, as of later versions, are not counted. */
    static final Map<Class<? extends JobEvent>, BiConsumer<TaskMeters, JobEvent>> COUNTED = Map.ofEntries(
            Map.entry(QueueEvent.Enqueued.class, (meters, event) -> meters.enqueued.increment()),
            Map.entry(QueueEvent.Duplicate.class, (meters, event) -> meters.duplicates.increment()),
            Map.entry(QueueEvent.Started.class, TaskMeters::started),
            Map.entry(QueueEvent.Succeeded.class, (meters, event) -> meters.ended(event, Outcome.SUCCEEDED)),
            Map.entry(QueueEvent.Retrying.class, TaskMeters::retrying),
            Map.entry(QueueEvent.Died.class, TaskMeters::died),
            Map.entry(QueueEvent.Released.class, TaskMeters::released),
            Map.entry(QueueEvent.Expired.class, (meters, event) -> meters.ended(event, Outcome.EXPIRED)),
            Map.entry(QueueEvent.Cancelled.class, (meters, event) -> meters.ended(event, Outcome.CANCELLED)),
            Map.entry(QueueEvent.LeaseLost.class, TaskMeters::leaseLost),
            Map.entry(QueueEvent.Recovered.class, (meters, event) -> meters.recovered.increment()));

    private final Counter enqueued;
    private final Counter duplicates;
    private final Counter started;
    private final Timer waits;
    private final Counter failures;
    private final Counter retries;
    private final Counter releases;
    private final Counter leasesLost;
    private final Counter recovered;
    private final Map<Outcome, Timer> runs = new EnumMap<>(Outcome.class);
    private final Map<Outcome, Counter> jobs = new EnumMap<>(Outcome.class);

    /**
     * Registers the meters.
     *
     * @param queue the tag
     * @param task the tag
     */
    TaskMeters(Registrar registrar, String queue, String task) {
        enqueued = registrar.counter(QueueMeters.JOBS_ENQUEUED, queue, task);
        duplicates = registrar.counter(QueueMeters.JOBS_DUPLICATES, queue, task);
        started = registrar.counter(QueueMeters.JOBS_STARTED, queue, task);
        waits = registrar.timer(QueueMeters.JOBS_WAIT, queue, task);
        failures = registrar.counter(QueueMeters.JOBS_FAILURES, queue, task);
        retries = registrar.counter(QueueMeters.JOBS_RETRIES, queue, task);
        releases = registrar.counter(QueueMeters.JOBS_RELEASES, queue, task);
        leasesLost = registrar.counter(QueueMeters.LEASES_LOST, queue, task);
        recovered = registrar.counter(QueueMeters.LEASES_RECOVERED, queue, task);
        for (Outcome outcome : Outcome.values()) {
            if (outcome.isOfRun()) {
                runs.put(outcome, registrar.timer(QueueMeters.JOBS_RUN, queue, task, outcome.tag));
            }
            if (outcome.isOfJob()) {
                jobs.put(outcome, registrar.counter(QueueMeters.JOBS_ENDED, queue, task, outcome.tag));
            }
        }
    }

    void count(JobEvent event) {
        BiConsumer<TaskMeters, JobEvent> action = COUNTED.get(event.getClass());
        if (action != null) {
            action.accept(this, event);
        }
    }

    private void started(JobEvent event) {
        started.increment();
        RunInfo run = event.run();
        Duration waited = run == null ? null : run.waited();
        if (waited != null) {
            waits.record(waited);
        }
    }

    private void retrying(JobEvent event) {
        failures.increment();
        retries.increment();
        ended(event, Outcome.RETRIED);
    }

    /** A job that dies in a sweep has lost its lease too often. That is no failure of a run. */
    private void died(JobEvent event) {
        if (took(event) != null) {
            failures.increment();
        }
        ended(event, Outcome.DEAD);
    }

    private void released(JobEvent event) {
        releases.increment();
        ended(event, Outcome.RELEASED);
    }

    private void leaseLost(JobEvent event) {
        leasesLost.increment();
        ended(event, Outcome.LOST);
    }

    private void ended(JobEvent event, Outcome outcome) {
        Counter ends = jobs.get(outcome);
        if (ends != null) {
            ends.increment();
        }
        Timer times = runs.get(outcome);
        Duration took = took(event);
        if (times != null && took != null) {
            times.record(took);
        }
    }

    private static @Nullable Duration took(JobEvent event) {
        RunInfo run = event.run();
        return run == null ? null : run.took();
    }
}
