package io.tidemill.ops;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemill.event.QueueEvent;
import io.tidemill.test.Waits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real Prometheus scrapes a running queue, with the rules of {@code ops/} and their waits cut short. Skipped where it
 * is not installed.
 */
class PrometheusIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newHttpClient();

    @TempDir
    Path folder;

    private MeasuredQueue measured;
    private Process prometheus;
    private int port;

    @BeforeEach
    void start() throws IOException {
        String program = Tools.need("prometheus");
        measured = MeasuredQueue.start();
        Files.writeString(
                folder.resolve("prometheus.yml"),
                OpsFiles.text("prometheus.yml")
                        .replace("15s", "1s")
                        .replace("localhost:9464", "127.0.0.1:" + measured.port()));
        Files.writeString(
                folder.resolve("alerts.yml"),
                OpsFiles.text("alerts.yml").replaceAll("(?m)^        for: .*$", "        for: 0s"));
        port = freePort();
        prometheus = new ProcessBuilder(
                        program,
                        "--config.file=" + folder.resolve("prometheus.yml"),
                        "--storage.tsdb.path=" + folder.resolve("data"),
                        "--web.listen-address=127.0.0.1:" + port)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log.txt").toFile())
                .start();
        Waits.until("Prometheus is ready", () -> isReady());
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (prometheus != null) {
            prometheus.destroy();
            if (!prometheus.waitFor(30, TimeUnit.SECONDS)) {
                prometheus.destroyForcibly().waitFor();
            }
        }
        if (measured != null) {
            measured.close();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private boolean isReady() {
        try {
            return send("/-/ready").statusCode() == 200;
        } catch (IOException e) {
            assertThat(prometheus.isAlive()).as("Prometheus runs").isTrue();
            return false;
        }
    }

    @Test
    void alerts_fire_and_every_query_of_the_dashboards_is_answered() throws Exception {
        Waits.until(
                "the queue is scraped",
                () -> !result("tidemill_jobs_started_total").isEmpty());
        measured.queue().enqueue(call(MeasuredQueue.Tasks::send));
        measured.queue().enqueue(call(MeasuredQueue.Tasks::fail));
        measured.events().await(QueueEvent.Succeeded.class, 1);
        measured.events().await(QueueEvent.Died.class, 1);
        measured.queue().admin().pause("mail");

        Waits.until(
                "jobs that died and a pause raise alerts",
                () -> firing().containsAll(List.of("TidemillDeadJobs", "TidemillErrorRate", "TidemillPausedTooLong")));

        assertThat(firing()).doesNotContain("TidemillNoWorkers", "TidemillNotMeasured", "TidemillBacklog");
        for (Path dashboard : OpsFiles.dashboards()) {
            for (String query : OpsFiles.queries(dashboard)) {
                Waits.until(
                        query + " of " + dashboard.getFileName() + " is answered",
                        () -> !result(query).isEmpty());
            }
        }

        measured.queue().admin().resume("mail");
        Waits.until("the alert ends with the pause", () -> !firing().contains("TidemillPausedTooLong"));
    }

    private List<String> firing() {
        List<String> names = new ArrayList<>();
        for (JsonNode alert : get("/api/v1/alerts").path("data").path("alerts")) {
            if (alert.path("state").asText().equals("firing")) {
                names.add(alert.path("labels").path("alertname").asText());
            }
        }
        return names;
    }

    private JsonNode result(String query) {
        JsonNode answer = get("/api/v1/query?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8));
        assertThat(answer.path("status").asText()).as(query + ": " + answer).isEqualTo("success");
        return answer.path("data").path("result");
    }

    private JsonNode get(String path) {
        try {
            return JSON.readTree(send(path).body());
        } catch (IOException e) {
            throw new AssertionError("Prometheus does not answer", e);
        }
    }

    private HttpResponse<String> send(String path) throws IOException {
        try {
            return http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
