package io.tidemill.examples.fashiondeck;

import io.tidemill.TaskQueue;
import io.tidemill.examples.common.Checks;
import io.tidemill.examples.common.JobLog;
import io.tidemill.examples.common.TaskTotals;
import io.tidemill.examples.fashiondeck.analytics.AnalyticsTasks;
import io.tidemill.examples.fashiondeck.embeddings.EmbeddingTasks;
import io.tidemill.examples.fashiondeck.refresh.RefreshTasks;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/** The tables at the end of the demo, and the last checks: that no job is left, and that each succeeded once. */
final class DemoReport {

    private static final List<String> QUEUES = List.of(RefreshTasks.QUEUE, EmbeddingTasks.QUEUE, AnalyticsTasks.QUEUE);

    private final TaskQueue queue;
    private final FashionDeckData data;
    private final JobLog log;
    private final List<Integer> batches;
    private final Checks checks;

    DemoReport(TaskQueue queue, FashionDeckData data, JobLog log, List<Integer> batches, Checks checks) {
        this.queue = queue;
        this.data = data;
        this.log = log;
        this.batches = batches;
        this.checks = checks;
    }

    void print(PrintStream out) {
        tasks(out);
        queues(out);
        out.printf(Locale.ROOT, "%nbatches of vectors: %s%n", batches);
        out.printf(
                Locale.ROOT,
                "cache: %d hits, %d misses, hit rate %.0f%%%n%n",
                data.cache().hits(),
                data.cache().misses(),
                100 * data.cache().hitRate());
        checks.print(out);
    }

    private void tasks(PrintStream out) {
        out.printf("%n%-26s %6s %8s %10s %6s%n", "task", "runs", "retried", "succeeded", "dead");
        for (TaskTotals totals : log.totals()) {
            out.printf(
                    "%-26s %6d %8d %10d %6d%n",
                    totals.task(), totals.runs(), totals.retried(), totals.succeeded(), totals.dead());
        }
        checks.equal(
                "tasks that ran",
                List.of("compute_embeddings", "process_query_log", "refresh_products"),
                log.totals().stream().map(TaskTotals::task).toList());
    }

    private void queues(PrintStream out) {
        out.printf("%n%-26s %8s %7s %10s %7s%n", "queue", "waiting", "active", "completed", "failed");
        for (String name : QUEUES) {
            QueueStats stats = QueueStats.of(queue.admin(), name);
            out.printf(
                    "%-26s %8d %7d %10d %7d%n",
                    name, stats.waiting(), stats.active(), stats.completed(), stats.failed());
            checks.equal("jobs that wait in " + name, 0L, stats.waiting());
            checks.equal("jobs that run in " + name, 0L, stats.active());
            checks.that("jobs that are kept in " + name, stats.completed() > 0, "none");
        }
    }
}
