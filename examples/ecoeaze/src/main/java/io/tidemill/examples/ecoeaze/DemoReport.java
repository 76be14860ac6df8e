package io.tidemill.examples.ecoeaze;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidemill.admin.JobInfo;
import io.tidemill.examples.common.Checks;
import io.tidemill.examples.common.JobLog;
import io.tidemill.examples.common.TaskTotals;
import io.tidemill.examples.ecoeaze.metrics.TaskFigures;
import io.tidemill.message.Failure;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * What happened in the demo.
 *
 * @param jobs what was asked for
 * @param log what happened, event by event
 * @param dead the jobs that were given up
 * @param meters what the worker measured
 * @param output where the files are
 * @param checks what was compared with what it should be
 */
record DemoReport(DemoJobs jobs, JobLog log, List<JobInfo> dead, MeterRegistry meters, Path output, Checks checks) {

    boolean passed() {
        return checks.passed();
    }

    void print(PrintStream out) {
        out.println();
        out.printf("%-32s %5s %5s %8s %5s %9s%n", "task", "jobs", "runs", "retried", "dead", "mean ms");
        for (TaskTotals totals : log.totals()) {
            out.printf(
                    Locale.ROOT,
                    "%-32s %5d %5d %8d %5d %9.1f%n",
                    totals.task(),
                    totals.jobs(),
                    totals.runs(),
                    totals.retried(),
                    totals.dead(),
                    totals.meanMillis());
        }
        out.println();
        TaskFigures.print(meters, out);
        out.println();
        out.println("dead letters");
        dead.forEach(job -> out.println("  " + job.task() + " " + job.payload() + " after "
                + job.counts().spent() + " attempts: " + reason(job)));
        out.println("files");
        List.of("reports", "optimized", "thumbnails").forEach(name -> out.println("  " + output.resolve(name)));
        out.println();
        checks.print(out);
    }

    private static String reason(JobInfo job) {
        Failure failure = job.failure();
        return failure == null ? "no reason is kept" : failure.message();
    }
}
