package io.tidemill.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.micrometer.common.KeyValues;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tidemill.TaskQueue;
import io.tidemill.event.QueueEvent;
import io.tidemill.metrics.DefaultRunConvention;
import io.tidemill.metrics.HeardLast;
import io.tidemill.metrics.JobObservations;
import io.tidemill.metrics.MicrometerMetrics;
import io.tidemill.metrics.RunContext;
import io.tidemill.task.Task;
import io.tidemill.test.Recorder;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The Java of docs/guide-metrics.md and of docs/guide-alerts.md. */
class GuideMetricsTest {

    private final Recorder events = new Recorder();

    /** A task. */
    public static final class MailTasks {

        @Task(name = "send_email", queue = "mail")
        public void sendEmail(String to) {}
    }

    @Test
    void the_java_of_the_guide_is_code_that_runs() throws Exception {
        String guide = Files.readString(Path.of("..", "docs", "guide-metrics.md"));
        Map<String, Snippets.Region> regions = Snippets.regions();

        String alerts = Files.readString(Path.of("..", "docs", "guide-alerts.md"));

        assertThat(Snippets.problems("docs/guide-metrics.md", guide, regions)).isEmpty();
        assertThat(Snippets.problems("docs/guide-alerts.md", alerts, regions)).isEmpty();
        assertThat(Snippets.unused(regions, List.of(guide, alerts))).isEmpty();
        assertThat(regions).hasSizeGreaterThanOrEqualTo(5);
    }

    @Test
    void a_queue_is_measured() throws Exception {
        MeterRegistry registry = new SimpleMeterRegistry();
        MailTasks mails = new MailTasks();
        // region: install-metrics
        TaskQueue queue = TaskQueue.builder()
                .tasks(mails)
                .listener(events)
                .install(MicrometerMetrics.of(registry))
                .start();
        // endregion
        try (queue) {
            queue.enqueue(MailTasks::sendEmail, "ada@example.com");
            events.await(QueueEvent.Succeeded.class, 1);
        }
        assertThat(registry.get("tidemill.jobs.enqueued").counter().count()).isEqualTo(1);
    }

    @Test
    void prometheus_reads_the_meters_over_http() throws Exception {
        MailTasks mails = new MailTasks();
        int port = 0;
        // region: show-meters
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        TaskQueue queue = TaskQueue.builder()
                .tasks(mails)
                .install(MicrometerMetrics.of(registry))
                .start();
        HttpServer server = HttpServer.create(new InetSocketAddress(port), 0);
        server.createContext("/metrics", exchange -> {
            byte[] text = registry.scrape().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
            exchange.sendResponseHeaders(200, text.length);
            exchange.getResponseBody().write(text);
            exchange.close();
        });
        server.start();
        // endregion
        try (queue) {
            URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/metrics");
            assertThat(HttpClient.newHttpClient()
                            .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString())
                            .body())
                    .contains("tidemill_health{check=\"ready\",name=\"default\"}");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void meters_are_chosen_and_named() {
        MeterRegistry registry = new SimpleMeterRegistry();
        // region: choose-metrics
        MicrometerMetrics metrics = MicrometerMetrics.of(registry)
                .named("orders")
                .withDepths("mail", "bulk")
                .withInterval(Duration.ofMinutes(1))
                .withTasks("import_customers");
        // endregion
        try (TaskQueue queue = TaskQueue.builder().install(metrics).start()) {
            assertThat(registry.get("tidemill.queue.jobs")
                            .tags("name", "orders", "queue", "bulk")
                            .gauges())
                    .hasSize(5);
        }
    }

    @Test
    void a_filter_asks_for_buckets() throws Exception {
        MeterRegistry registry = new SimpleMeterRegistry();
        // region: buckets
        registry.config().meterFilter(new MeterFilter() {
            @Override
            public DistributionStatisticConfig configure(Meter.Id id, DistributionStatisticConfig config) {
                return id.getName().equals("tidemill.jobs.run")
                        ? DistributionStatisticConfig.builder()
                                .serviceLevelObjectives(0.1e9, 1e9, 10e9, 60e9) // in ns
                                .build()
                                .merge(config)
                        : config;
            }
        });
        // endregion
        try (TaskQueue queue = TaskQueue.builder()
                .tasks(new MailTasks())
                .install(MicrometerMetrics.of(registry))
                .install(new HeardLast(events))
                .start()) {
            queue.enqueue(MailTasks::sendEmail, "ada@example.com");
            events.await(QueueEvent.Succeeded.class, 1);
        }
        assertThat(registry.get("tidemill.jobs.run")
                        .tag("outcome", "succeeded")
                        .timer()
                        .takeSnapshot()
                        .histogramCounts())
                .hasSize(4);
    }

    @Test
    void runs_are_observed_with_a_key_of_their_own() throws Exception {
        TestObservationRegistry tested = TestObservationRegistry.create();
        ObservationRegistry observationRegistry = tested;
        MailTasks mails = new MailTasks();
        // region: observations
        JobObservations observations = JobObservations.of(observationRegistry)
                .withRunConvention(new DefaultRunConvention() {
                    @Override
                    public KeyValues getLowCardinalityKeyValues(RunContext context) {
                        return super.getLowCardinalityKeyValues(context).and("region", "eu");
                    }
                });
        TaskQueue queue = TaskQueue.builder()
                .tasks(mails)
                .listener(events)
                .install(observations)
                .start();
        // endregion
        try (queue) {
            queue.enqueue(MailTasks::sendEmail, "ada@example.com");
            events.await(QueueEvent.Succeeded.class, 1);
        }
        TestObservationRegistryAssert.assertThat(tested).hasAnObservationWithAKeyValue("region", "eu");
    }
}
