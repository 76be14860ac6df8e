package io.tidemill.examples.fashiondeck;

import io.tidemill.TaskQueue;
import io.tidemill.event.QueueEvent;
import io.tidemill.examples.fashiondeck.analytics.AnalyticsTasks;
import io.tidemill.examples.fashiondeck.demo.Checks;
import io.tidemill.examples.fashiondeck.demo.JobLog;
import io.tidemill.examples.fashiondeck.embeddings.EmbeddingTasks;
import io.tidemill.examples.fashiondeck.refresh.RefreshTasks;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;

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
        checks.failures().forEach(failure -> out.println("FAILED: " + failure));
        out.println(
                checks.failures().isEmpty()
                        ? "all " + checks.count() + " checks passed"
                        : checks.failures().size() + " of " + checks.count() + " checks failed");
    }

    private void tasks(PrintStream out) {
        Map<String, Long> runs = log.count(QueueEvent.Started.class);
        Map<String, Long> retried = log.count(QueueEvent.Retrying.class);
        Map<String, Long> succeeded = log.count(QueueEvent.Succeeded.class);
        Map<String, Long> dead = log.count(QueueEvent.Died.class);
        out.printf("%n%-26s %6s %8s %10s %6s%n", "task", "runs", "retried", "succeeded", "dead");
        runs.forEach((task, count) -> out.printf(
                "%-26s %6d %8d %10d %6d%n",
                task,
                count,
                retried.getOrDefault(task, 0L),
                succeeded.getOrDefault(task, 0L),
                dead.getOrDefault(task, 0L)));
        checks.equal(
                "tasks that ran",
                List.of("compute_embeddings", "process_query_log", "refresh_products"),
                List.copyOf(runs.keySet()));
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
