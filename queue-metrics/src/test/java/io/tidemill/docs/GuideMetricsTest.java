package io.tidemill.docs;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.micrometer.common.KeyValues;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler.FirstMatchingCompositeObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.micrometer.tracing.Link;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.handler.DefaultTracingObservationHandler;
import io.micrometer.tracing.handler.PropagatingReceiverTracingObservationHandler;
import io.micrometer.tracing.handler.PropagatingSenderTracingObservationHandler;
import io.micrometer.tracing.otel.bridge.OtelCurrentTraceContext;
import io.micrometer.tracing.otel.bridge.OtelPropagator;
import io.micrometer.tracing.otel.bridge.OtelTracer;
import io.micrometer.tracing.propagation.Propagator;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.tidemill.TaskQueue;
import io.tidemill.client.PreparedJob;
import io.tidemill.event.QueueEvent;
import io.tidemill.metrics.DefaultRunConvention;
import io.tidemill.metrics.EnqueueContext;
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
import java.util.Comparator;
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
                    .hasSize(6);
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

    // region: span-links
    /** Links the firing of a schedule with the span in which the schedule was put. */
    static final class LinkedFirings extends PropagatingSenderTracingObservationHandler<EnqueueContext> {

        LinkedFirings(Tracer tracer, Propagator propagator) {
            super(tracer, propagator);
        }

        @Override
        public boolean supportsContext(Observation.Context context) {
            return context instanceof EnqueueContext enqueued && enqueued.link() != null;
        }

        @Override
        public Span createSenderSpan(EnqueueContext context) {
            Link put = linkTo(getTracer(), context.link());
            return getTracer()
                    .spanBuilder()
                    .kind(Span.Kind.PRODUCER)
                    .addLink(put)
                    .start();
        }
    }

    /** Links a run with the bulk that its job was enqueued in. */
    static final class LinkedRuns extends PropagatingReceiverTracingObservationHandler<RunContext> {

        LinkedRuns(Tracer tracer, Propagator propagator) {
            super(tracer, propagator);
        }

        @Override
        public boolean supportsContext(Observation.Context context) {
            return context instanceof RunContext run && run.link() != null;
        }

        @Override
        public Span.Builder customizeExtractedSpan(RunContext context, Span.Builder builder) {
            return builder.addLink(linkTo(getTracer(), context.link()));
        }
    }

    static Link linkTo(Tracer tracer, String traceparent) {
        String[] parts = traceparent.split("-", 4); // version, trace, span, flags
        return new Link(tracer.traceContextBuilder()
                .traceId(parts[1])
                .spanId(parts[2])
                .sampled(parts[3].equals("01"))
                .build());
    }
    // endregion

    @Test
    void spans_of_bulks_and_of_schedules_are_linked() throws Exception {
        InMemorySpanExporter exporter = InMemorySpanExporter.create();
        SdkTracerProvider provider = SdkTracerProvider.builder()
                .addSpanProcessor(SimpleSpanProcessor.create(exporter))
                .build();
        Tracer tracer = new OtelTracer(provider.get("test"), new OtelCurrentTraceContext(), event -> {});
        Propagator propagator = new OtelPropagator(
                ContextPropagators.create(W3CTraceContextPropagator.getInstance()), provider.get("test"));
        ObservationRegistry observationRegistry = ObservationRegistry.create();
        MailTasks mails = new MailTasks();
        // region: install-links
        observationRegistry
                .observationConfig()
                .observationHandler(new FirstMatchingCompositeObservationHandler(
                        new LinkedFirings(tracer, propagator),
                        new LinkedRuns(tracer, propagator),
                        new PropagatingSenderTracingObservationHandler<>(tracer, propagator),
                        new PropagatingReceiverTracingObservationHandler<>(tracer, propagator),
                        new DefaultTracingObservationHandler(tracer)));
        TaskQueue queue = TaskQueue.builder()
                .tasks(mails)
                .listener(events)
                .install(JobObservations.of(observationRegistry).withLinkedBulks())
                .start();
        // endregion
        try (queue) {
            PreparedJob nightly = queue.prepare(call(MailTasks::sendEmail, "ada@example.com"));
            queue.enqueueAll(List.of(call(MailTasks::sendEmail, "bob@example.com"), call(MailTasks::sendEmail, "eve")));
            // What a scheduler does at each due time.
            queue.enqueueAll(List.of(queue.prepareLike(nightly, "nightly@1")));
            events.await(QueueEvent.Succeeded.class, 3);
        }

        SpanData bulk = spans(exporter, "enqueue all send_email").get(0);
        SpanData put = spans(exporter, "enqueue send_email").get(0);
        SpanData fired = spans(exporter, "enqueue send_email").get(1);
        assertThat(linked(fired)).containsExactly(put.getSpanId());
        assertThat(fired.getTraceId()).isNotEqualTo(put.getTraceId());
        List<SpanData> runs = spans(exporter, "run send_email");
        assertThat(runs).hasSize(3);
        assertThat(runs.stream().map(SpanData::getTraceId).distinct())
                .hasSize(3)
                .doesNotContain(bulk.getTraceId())
                .contains(fired.getTraceId());
        assertThat(runs.stream().flatMap(run -> linked(run).stream()))
                .containsExactly(bulk.getSpanId(), bulk.getSpanId());
        provider.close();
    }

    private static List<SpanData> spans(InMemorySpanExporter exporter, String name) {
        return exporter.getFinishedSpanItems().stream()
                .filter(span -> span.getName().equals(name))
                .sorted(Comparator.comparingLong(SpanData::getStartEpochNanos))
                .toList();
    }

    private static List<String> linked(SpanData span) {
        return span.getLinks().stream()
                .map(link -> link.getSpanContext().getSpanId())
                .toList();
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
