package io.tidemill.examples.engreene;

import io.tidemill.examples.common.Checks;
import io.tidemill.examples.common.JobLog;
import io.tidemill.examples.common.TaskTotals;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/**
 * What happened in the demo.
 *
 * @param log what happened, event by event
 * @param conversations what became of each, one line each
 * @param health how the web application was at the end
 * @param stats what the worker had and did
 * @param checks what was compared with what it should be
 */
record DemoReport(JobLog log, List<String> conversations, HealthReport health, ServiceStats stats, Checks checks) {

    boolean passed() {
        return checks.passed();
    }

    void print(PrintStream out) {
        out.println();
        out.printf("%-34s %5s %5s %8s %5s %9s%n", "job type", "jobs", "runs", "retried", "dead", "mean ms");
        for (TaskTotals totals : log.totals()) {
            out.printf(
                    Locale.ROOT,
                    "%-34s %5d %5d %8d %5d %9.1f%n",
                    totals.task(),
                    totals.jobs(),
                    totals.runs(),
                    totals.retried(),
                    totals.dead(),
                    totals.meanMillis());
        }
        out.println();
        out.println("conversations");
        conversations.forEach(line -> out.println("  " + line));
        out.println("health " + (health.healthy() ? "good" : health.problems().toString()));
        EngreeneInspect.print(stats, out);
        out.println();
        checks.print(out);
    }
}
