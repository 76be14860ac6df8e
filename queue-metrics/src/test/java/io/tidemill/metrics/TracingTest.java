package io.tidemill.metrics;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler.FirstMatchingCompositeObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.handler.DefaultTracingObservationHandler;
import io.micrometer.tracing.handler.PropagatingReceiverTracingObservationHandler;
import io.micrometer.tracing.handler.PropagatingSenderTracingObservationHandler;
import io.micrometer.tracing.otel.bridge.OtelCurrentTraceContext;
import io.micrometer.tracing.otel.bridge.OtelPropagator;
import io.micrometer.tracing.otel.bridge.OtelTracer;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.tidemill.TaskQueue;
import io.tidemill.client.PreparedJob;
import io.tidemill.client.TaskClient;
import io.tidemill.event.QueueEvent;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import io.tidemill.test.Recorder;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One trace from the code that enqueues to all that comes of it, with a tracer and an exporter of OpenTelemetry. */
class TracingTest {

    private static final AttributeKey<String> ATTEMPT = AttributeKey.stringKey("tidemill.attempt");

    private final InMemorySpanExporter exporter = InMemorySpanExporter.create();
    private final SdkTracerProvider provider = SdkTracerProvider.builder()
            .addSpanProcessor(SimpleSpanProcessor.create(exporter))
            .build();
    private final ObservationRegistry registry = registry();
    private final Recorder events = new Recorder();

    private ObservationRegistry registry() {
        io.opentelemetry.api.trace.Tracer otel = provider.get("test");
        OtelTracer tracer = new OtelTracer(otel, new OtelCurrentTraceContext(), event -> {});
        OtelPropagator propagator =
                new OtelPropagator(ContextPropagators.create(W3CTraceContextPropagator.getInstance()), otel);
        ObservationRegistry made = ObservationRegistry.create();
        made.observationConfig()
                .observationHandler(new FirstMatchingCompositeObservationHandler(
                        new PropagatingSenderTracingObservationHandler<>(tracer, propagator),
                        new PropagatingReceiverTracingObservationHandler<>(tracer, propagator),
                        new DefaultTracingObservationHandler(tracer)));
        return made;
    }

    @AfterEach
    void close() {
        provider.close();
    }

    /** Orders that fail at first and send a mail. */
    public static final class Orders {

        private final TaskClient queue;
        final Map<String, Map<String, String>> headers = new ConcurrentHashMap<>();

        Orders(TaskClient queue) {
            this.queue = queue;
        }

        @Task(name = "order", queue = "orders", retry = @Retry(maxAttempts = 3, delay = "1ms"))
        public void order() {
            TaskContext job = TaskContext.current();
            headers.put(job.task(), job.headers());
            if (job.attempt() == 1) {
                throw new IllegalStateException("payment is down");
            }
            queue.enqueue(Orders::mail);
        }

        @Task(name = "mail", queue = "mail")
        public void mail() {
            headers.put("mail", TaskContext.current().headers());
        }
    }

    @Test
    void one_trace_leads_from_a_request_over_a_retry_to_a_child_job() throws Exception {
        try (TaskQueue queue = TaskQueue.builder()
                .tasks(client -> new Orders(client))
                .listener(events)
                .install(JobObservations.of(registry))
                .start()) {
            Observation.createNotStarted("http post /orders", registry).observe(() -> {
                queue.enqueue(Orders::order);
            });
            events.await(QueueEvent.Succeeded.class, 2);
        }

        SpanData request = span("http post /orders");
        SpanData enqueue = span("enqueue order");
        SpanData failed = run("order", "1");
        SpanData retried = run("order", "2");
        SpanData child = span("enqueue mail");
        SpanData mail = run("mail", "1");
        assertThat(exporter.getFinishedSpanItems()).hasSize(6);
        assertThat(exporter.getFinishedSpanItems().stream().map(SpanData::getTraceId))
                .containsOnly(request.getTraceId());
        assertThat(enqueue.getParentSpanId()).isEqualTo(request.getSpanId());
        assertThat(failed.getParentSpanId()).isEqualTo(enqueue.getSpanId());
        assertThat(retried.getParentSpanId()).isEqualTo(enqueue.getSpanId());
        assertThat(child.getParentSpanId()).as("enqueued by the second run").isEqualTo(retried.getSpanId());
        assertThat(mail.getParentSpanId()).isEqualTo(child.getSpanId());

        assertThat(List.of(enqueue.getKind(), child.getKind())).containsOnly(SpanKind.PRODUCER);
        assertThat(List.of(failed.getKind(), retried.getKind(), mail.getKind())).containsOnly(SpanKind.CONSUMER);
        assertThat(failed.getStatus().getStatusCode())
                .isEqualTo(StatusData.error().getStatusCode());
        assertThat(failed.getEvents()).as("the exception").hasSize(1);
        assertThat(retried.getStatus()).isEqualTo(StatusData.unset());
    }

    @Test
    void the_context_travels_as_the_header_of_the_standard() throws Exception {
        Orders[] orders = new Orders[1];
        try (TaskQueue queue = TaskQueue.builder()
                .tasks(client -> orders[0] = new Orders(client))
                .listener(events)
                .install(JobObservations.of(registry))
                .start()) {
            queue.enqueue(Orders::mail);
            events.await(QueueEvent.Succeeded.class, 1);
        }

        SpanData enqueue = span("enqueue mail");
        assertThat(orders[0].headers.get("mail")).containsOnlyKeys("traceparent");
        assertThat(orders[0].headers.get("mail").get("traceparent"))
                .startsWith("00-" + enqueue.getTraceId() + "-" + enqueue.getSpanId() + "-0");
    }

    @Test
    void a_job_that_was_enqueued_elsewhere_continues_its_trace_here() throws Exception {
        // A producer without a tracer of its own: what it is given it sends along.
        registry.observationConfig().observationPredicate((name, context) -> !(context instanceof EnqueueContext));
        String parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        try (TaskQueue queue = TaskQueue.builder()
                .tasks(client -> new Orders(client))
                .listener(events)
                .install(JobObservations.of(registry))
                .start()) {
            queue.enqueue(call(Orders::mail).header("traceparent", parent).header("tracestate", "vendor=1"));
            events.await(QueueEvent.Succeeded.class, 1);
        }

        SpanData mail = run("mail", "1");
        assertThat(mail.getTraceId()).isEqualTo("0af7651916cd43dd8448eb211c80319c");
        assertThat(mail.getParentSpanId()).isEqualTo("b7ad6b7169203331");
        assertThat(mail.getSpanContext().getTraceState().get("vendor")).isEqualTo("1");
    }

    @Test
    void a_bulk_has_one_span_and_each_of_its_runs_is_a_child_of_it() throws Exception {
        try (TaskQueue queue = TaskQueue.builder()
                .tasks(client -> new Orders(client))
                .listener(events)
                .install(JobObservations.of(registry))
                .start()) {
            Observation.createNotStarted("import", registry).observe(() -> {
                queue.enqueueAll(Collections.nCopies(100, call(Orders::mail)));
            });
            events.await(QueueEvent.Succeeded.class, 100);
        }

        SpanData bulk = span("enqueue all mail");
        assertThat(exporter.getFinishedSpanItems())
                .as("the import, its bulk and the runs")
                .hasSize(102);
        assertThat(bulk.getParentSpanId()).isEqualTo(span("import").getSpanId());
        assertThat(bulk.getKind()).isEqualTo(SpanKind.PRODUCER);
        assertThat(bulk.getAttributes().get(AttributeKey.stringKey("messaging.batch.message_count")))
                .isEqualTo("100");
        assertThat(spans("run mail"))
                .hasSize(100)
                .allSatisfy(run -> assertThat(run.getParentSpanId()).isEqualTo(bulk.getSpanId()));
    }

    @Test
    void the_jobs_of_a_schedule_do_not_stay_in_the_trace_in_which_it_was_put() throws Exception {
        try (TaskQueue queue = TaskQueue.builder()
                .tasks(client -> new Orders(client))
                .listener(events)
                .install(JobObservations.of(registry))
                .start()) {
            PreparedJob[] pattern = new PreparedJob[1];
            Observation.createNotStarted("deploy", registry)
                    .observe(() -> pattern[0] = queue.prepare(call(Orders::mail).header("tracestate", "vendor=1")));
            // What a scheduler does at each due time.
            queue.enqueueAll(
                    List.of(queue.prepareLike(pattern[0], "nightly@1"), queue.prepareLike(pattern[0], "nightly@2")));
            events.await(QueueEvent.Succeeded.class, 2);
        }

        SpanData deploy = span("deploy");
        List<SpanData> runs = spans("run mail");
        assertThat(runs.stream().map(SpanData::getTraceId).distinct())
                .hasSize(2)
                .doesNotContain(deploy.getTraceId());
        List<String> fired = spans("enqueue mail").stream()
                .filter(span -> !span.getTraceId().equals(deploy.getTraceId()))
                .map(SpanData::getSpanId)
                .toList();
        assertThat(runs.stream().map(SpanData::getParentSpanId))
                .as("each run is a child of its own firing")
                .containsExactlyInAnyOrderElementsOf(fired);
        assertThat(runs.stream().map(run -> run.getSpanContext().getTraceState()))
                .as("the state of another trace is gone")
                .allMatch(TraceState::isEmpty);
    }

    private SpanData run(String task, String attempt) {
        return spans("run " + task).stream()
                .filter(span -> attempt.equals(span.getAttributes().get(ATTEMPT)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no attempt " + attempt + " in " + names()));
    }

    private SpanData span(String name) {
        List<SpanData> found = spans(name);
        assertThat(found).as("spans \"%s\" in %s", name, names()).hasSize(1);
        return found.get(0);
    }

    private List<SpanData> spans(String name) {
        return exporter.getFinishedSpanItems().stream()
                .filter(span -> span.getName().equals(name))
                .sorted(Comparator.comparingLong(SpanData::getStartEpochNanos))
                .toList();
    }

    private String names() {
        return exporter.getFinishedSpanItems().stream().map(SpanData::getName).collect(Collectors.joining(", "));
    }
}
