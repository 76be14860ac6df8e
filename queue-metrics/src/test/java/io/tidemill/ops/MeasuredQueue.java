package io.tidemill.ops;

import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tidemill.TaskQueue;
import io.tidemill.metrics.MicrometerMetrics;
import io.tidemill.metrics.Scripted;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.test.Recorder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A queue in this process that shows its meters to Prometheus over HTTP, as an application would. */
final class MeasuredQueue implements AutoCloseable {

    /** Tasks that end well, and badly. */
    public static final class Tasks {

        @Task(name = "send", queue = "mail")
        public void send() {}

        @Task(name = "fail", queue = "mail", retry = @Retry(maxAttempts = 2, delay = "1ms"))
        public void fail() {
            throw new IllegalStateException("no route");
        }
    }

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Recorder events = new Recorder();
    private final HttpServer server;
    private final TaskQueue queue;

    private MeasuredQueue() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/metrics", exchange -> {
            byte[] text = registry.scrape().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
            exchange.sendResponseHeaders(200, text.length);
            exchange.getResponseBody().write(text);
            exchange.close();
        });
        server.start();
        queue = TaskQueue.builder()
                .broker(Scripted.broker())
                .tasks(new Tasks())
                .listener(events)
                .install(MicrometerMetrics.of(registry).withInterval(Duration.ofSeconds(1)))
                .start();
    }

    static MeasuredQueue start() {
        try {
            return new MeasuredQueue();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    TaskQueue queue() {
        return queue;
    }

    Recorder events() {
        return events;
    }

    String scrape() {
        return registry.scrape();
    }

    int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        queue.close();
        server.stop(0);
        registry.close();
    }
}
