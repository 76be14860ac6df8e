package io.tidemill.examples.ecoeaze.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.search.Search;
import io.tidemill.metrics.MeterTag;
import io.tidemill.metrics.QueueMeters;
import java.io.PrintStream;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * What the meters of a process say of one task.
 *
 * @param task its name
 * @param succeeded jobs that succeeded
 * @param dead jobs that were given up
 * @param failures runs that failed
 * @param waitMillis how long a job waited for its first run, on average
 * @param runMillis how long a run took, on average
 */
public record TaskFigures(String task, int succeeded, int dead, int failures, double waitMillis, double runMillis) {

    /** What is known of each task that has run, in the order of their names. */
    public static List<TaskFigures> of(MeterRegistry registry) {
        return find(registry, QueueMeters.JOBS_STARTED).counters().stream()
                .filter(counter -> counter.count() > 0)
                .map(counter -> counter.getId().getTag(MeterTag.TASK.asString()))
                .distinct()
                .sorted()
                .map(task -> of(registry, task))
                .toList();
    }

    private static TaskFigures of(MeterRegistry registry, String task) {
        return new TaskFigures(
                task,
                ended(registry, task, "succeeded"),
                ended(registry, task, "dead"),
                (int) count(ofTask(registry, QueueMeters.JOBS_FAILURES, task)),
                meanMillis(ofTask(registry, QueueMeters.JOBS_WAIT, task).timers()),
                meanMillis(ofTask(registry, QueueMeters.JOBS_RUN, task).timers()));
    }

    private static int ended(MeterRegistry registry, String task, String outcome) {
        return (int) count(ofTask(registry, QueueMeters.JOBS_ENDED, task).tag(MeterTag.OUTCOME.asString(), outcome));
    }

    private static Search ofTask(MeterRegistry registry, QueueMeters meter, String task) {
        return find(registry, meter).tag(MeterTag.TASK.asString(), task);
    }

    private static Search find(MeterRegistry registry, QueueMeters meter) {
        return registry.find(meter.getName());
    }

    private static double count(Search search) {
        return search.counters().stream()
                .mapToDouble(counter -> counter.count())
                .sum();
    }

    private static double meanMillis(Collection<Timer> timers) {
        long count = timers.stream().mapToLong(Timer::count).sum();
        double total = timers.stream()
                .mapToDouble(timer -> timer.totalTime(TimeUnit.MILLISECONDS))
                .sum();
        return count == 0 ? 0 : total / count;
    }

    /** Prints these as a table, and how many requests to the broker it took. */
    public static void print(MeterRegistry registry, PrintStream out) {
        out.printf(
                Locale.ROOT,
                "%-32s %9s %5s %8s %9s %9s%n",
                "meters of the worker",
                "succeeded",
                "dead",
                "failures",
                "wait ms",
                "run ms");
        of(registry)
                .forEach(figures -> out.printf(
                        Locale.ROOT,
                        "%-32s %9d %5d %8d %9.1f %9.1f%n",
                        figures.task,
                        figures.succeeded,
                        figures.dead,
                        figures.failures,
                        figures.waitMillis,
                        figures.runMillis));
        Collection<Timer> requests = find(registry, QueueMeters.BROKER_REQUESTS).timers();
        out.printf(
                Locale.ROOT,
                "%d requests to the broker, %.1f ms each%n",
                requests.stream().mapToLong(Timer::count).sum(),
                meanMillis(requests));
    }
}
