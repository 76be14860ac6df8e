package io.tidemill.examples.ecoeaze;

import static io.tidemill.client.Call.call;

import io.tidemill.event.QueueEvent;
import io.tidemill.examples.common.Checks;
import io.tidemill.examples.common.JobLog;
import io.tidemill.examples.ecoeaze.images.GalleryTasks;
import io.tidemill.examples.ecoeaze.reports.MonthlyReports;
import io.tidemill.schedule.Schedule;
import io.tidemill.schedule.ScheduleInfo;
import io.tidemill.schedule.Scheduler;
import io.tidemill.schedule.Schedules;
import io.tidemill.schedule.Tick;
import io.tidemill.schedule.Timing;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Schedules of a few seconds, in place of those of hours and nights, and what is to be seen of them. */
final class DemoSchedules {

    /** How often each is seen to fire before the demo goes on. */
    private static final int TIMES = 2;

    /** While one still runs, the next is left out. */
    private static final String MAY_BE_LEFT_OUT = "dashboard";

    private final Map<String, Duration> intervals = new LinkedHashMap<>();
    private final String run;

    /** Of this run of the demo: a Redis may have those of others. */
    DemoSchedules(String run) {
        this.run = run;
        intervals.put(MAY_BE_LEFT_OUT, Duration.ofSeconds(1));
        intervals.put("image-cleanup", Duration.ofSeconds(2));
        intervals.put("sales-reports", Duration.ofSeconds(3));
    }

    private String name(String kind) {
        return "demo-" + run + "-" + kind;
    }

    private Duration every(String kind) {
        return Objects.requireNonNull(intervals.get(kind), kind);
    }

    /** Fires them. */
    Scheduler scheduler() {
        return EcoEazeSchedules.scheduler(
                "ecoeaze-demo",
                List.of(
                        EcoEazeSchedules.dashboard(name(MAY_BE_LEFT_OUT), every(MAY_BE_LEFT_OUT)),
                        Schedule.of(
                                name("image-cleanup"),
                                Timing.every(every("image-cleanup")),
                                call(GalleryTasks::cleanupOldImages, Duration.ofDays(30))),
                        Schedule.of(
                                name("sales-reports"),
                                Timing.every(every("sales-reports")),
                                call(MonthlyReports::generateMonthlySalesReports, Tick.EACH))));
    }

    /** Waits until each has fired, and takes them out, so that the day has an end. */
    void end(Schedules schedules, JobLog log, Duration patience, Checks checks, PrintStream out)
            throws InterruptedException {
        for (String kind : intervals.keySet()) {
            boolean fired = log.await(entries -> runs(entries, kind).size() >= TIMES, patience);
            checks.that(
                    name(kind) + " fired",
                    fired,
                    "it did so " + runs(log.entries(), kind).size() + " times");
        }
        out.println();
        out.printf("%-32s %-28s %5s  %s%n", "schedule", "when", "fired", "last due");
        for (String kind : intervals.keySet()) {
            ScheduleInfo info = schedules.get(name(kind)).orElseThrow();
            out.printf(
                    "%-32s %-28s %5d  %s%n",
                    info.name(), info.describe(), info.fired(), info.lastDue().orElse(Instant.EPOCH));
            checks.that(info.name() + " is well", info.problem().isEmpty(), info.toString());
            checks.that(info.name() + " is removed", schedules.remove(info.name()), "it was not there");
        }
        checks.equal("jobs of schedules that have not ended", Set.of(), log.awaitEnd(Set.of(), patience));
    }

    /** Each due time has one job, and none was left out that should not be. */
    void check(JobLog log, Checks checks) {
        intervals.forEach((kind, interval) -> {
            Map<Instant, Integer> runs = runs(log.entries(), kind);
            List<Instant> due = List.copyOf(runs.keySet());
            List<Instant> expected = Stream.iterate(due.get(0), time -> time.plus(interval))
                    .takeWhile(time -> !time.isAfter(due.get(due.size() - 1)))
                    .filter(time -> !kind.equals(MAY_BE_LEFT_OUT) || runs.containsKey(time))
                    .toList();
            checks.equal("due times of " + name(kind), expected, due);
            checks.equal("runs for each of them", Set.of(1), Set.copyOf(runs.values()));
        });
    }

    /** How often a job ran for each due time: its id is {@code name@due}. */
    private Map<Instant, Integer> runs(List<JobLog.Entry> entries, String kind) {
        String prefix = name(kind) + "@";
        return entries.stream()
                .map(JobLog.Entry::event)
                .filter(event ->
                        event instanceof QueueEvent.Started && event.jobId().startsWith(prefix))
                .collect(Collectors.toMap(
                        event -> Instant.parse(event.jobId().substring(prefix.length())),
                        event -> 1,
                        Integer::sum,
                        TreeMap::new));
    }
}
