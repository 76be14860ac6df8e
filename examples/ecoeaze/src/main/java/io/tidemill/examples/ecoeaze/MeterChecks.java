package io.tidemill.examples.ecoeaze;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidemill.examples.common.Checks;
import io.tidemill.examples.common.JobLog;
import io.tidemill.examples.common.TaskTotals;
import io.tidemill.examples.ecoeaze.metrics.MetricsServer;
import io.tidemill.examples.ecoeaze.metrics.TaskFigures;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What was measured is what happened, and Prometheus can read it. */
final class MeterChecks {

    private static final Duration SOON = Duration.ofSeconds(20);

    /** As Prometheus sees them: what alerts on a backlog and on failing workers read. */
    private static final List<String> ALERTED = List.of(
            "tidemill_queue_jobs",
            "tidemill_queue_oldest_age_seconds",
            "tidemill_jobs_failures_total",
            "tidemill_jobs_ended_total",
            "tidemill_leases_lost_total",
            "tidemill_health");

    private final JobLog log;
    private final Checks checks;

    MeterChecks(JobLog log, Checks checks) {
        this.log = log;
        this.checks = checks;
    }

    void all(MeterRegistry meters, MetricsServer server) throws IOException, InterruptedException {
        Map<String, TaskFigures> measured =
                TaskFigures.of(meters).stream().collect(Collectors.toMap(TaskFigures::task, Function.identity()));
        for (TaskTotals totals : log.totals()) {
            TaskFigures figures = measured.get(totals.task());
            checks.that(totals.task() + " is measured", figures != null, "it is not");
            if (figures != null) {
                checks.equal("jobs of " + totals.task() + " that succeeded", totals.succeeded(), figures.succeeded());
                checks.equal("dead jobs of " + totals.task(), totals.dead(), figures.dead());
                checks.equal("failures of " + totals.task(), totals.retried() + totals.dead(), figures.failures());
            }
        }
        String page = scraped(server);
        for (String name : ALERTED) {
            checks.that(name + " can be scraped", page.contains("\n" + name + "{"), "it is not on the page");
        }
    }

    private static String scraped(MetricsServer server) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/metrics"))
                .timeout(SOON)
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
