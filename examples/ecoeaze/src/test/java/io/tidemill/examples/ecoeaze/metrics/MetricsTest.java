package io.tidemill.examples.ecoeaze.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tidemill.Extension;
import io.tidemill.TaskQueue;
import io.tidemill.event.QueueEvent;
import io.tidemill.metrics.MicrometerMetrics;
import io.tidemill.task.RetryPolicy;
import io.tidemill.test.Recorder;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On a queue that has run two mails, one of them at the second try, and given up a report. */
class MetricsTest {

    private final PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Recorder events = new Recorder();
    private TaskQueue queue;

    @BeforeEach
    void runJobs() throws Exception {
        AtomicInteger mails = new AtomicInteger();
        queue = TaskQueue.builder()
                .retry(RetryPolicy.defaults().withMaxAttempts(2).withDelay(Duration.ofMillis(1)))
                .handle("mail", String.class, (to, context) -> {
                    if (mails.incrementAndGet() == 1) {
                        throw new IllegalStateException("the server is down");
                    }
                })
                .handle("report", String.class, (month, context) -> {
                    throw new IllegalStateException("no such month");
                })
                .install(MicrometerMetrics.of(meters))
                .install(new Extension() {
                    @Override
                    public void start(Parts parts) {
                        parts.listen(events);
                    }
                })
                .start();
        queue.enqueue("mail", "ada@customers.example");
        queue.enqueue("mail", "bob@customers.example");
        queue.enqueue("report", "2025-13");
        events.await(QueueEvent.Succeeded.class, 2);
        events.await(QueueEvent.Died.class, 1);
        events.await(QueueEvent.Retrying.class, 2);
    }

    @AfterEach
    void close() {
        queue.close();
    }

    @Test
    void aPrometheusReadsWhatAWorkerMeasures() throws Exception {
        try (MetricsServer server = MetricsServer.start(0, meters)) {
            HttpResponse<String> page = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/metrics"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());

            assertThat(page.headers().firstValue("Content-Type"))
                    .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
            assertThat(page.body().lines())
                    .anyMatch(line -> line.startsWith("tidemill_jobs_ended_total{")
                            && line.contains("task=\"mail\"")
                            && line.contains("outcome=\"succeeded\"")
                            && line.endsWith(" 2.0"))
                    .anyMatch(line -> line.startsWith("tidemill_health{") && line.contains("check=\"ready\""));
        }
    }

    @Test
    void figuresOfATaskAreThoseOfItsJobs() {
        assertThat(TaskFigures.of(meters))
                .extracting(TaskFigures::task, TaskFigures::succeeded, TaskFigures::dead, TaskFigures::failures)
                .containsExactly(tuple("mail", 2, 0, 1), tuple("report", 0, 1, 2));
    }

    @Test
    void figuresArePrintedAsATable() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        TaskFigures.print(meters, new PrintStream(bytes, true, StandardCharsets.UTF_8));

        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .containsPattern("meters of the worker +succeeded +dead +failures +wait ms +run ms")
                .containsPattern("mail +2 +0 +1 +\\d+\\.\\d +\\d+\\.\\d")
                .containsPattern("\\d+ requests to the broker, \\d+\\.\\d ms each");
    }
}
