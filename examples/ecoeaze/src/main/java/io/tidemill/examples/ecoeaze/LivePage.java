package io.tidemill.examples.ecoeaze;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tidemill.TaskQueue;
import io.tidemill.examples.common.Checks;
import io.tidemill.examples.ecoeaze.dashboard.Dashboard;
import io.tidemill.examples.ecoeaze.dashboard.DashboardServer;
import io.tidemill.examples.ecoeaze.dashboard.Inspector;
import io.tidemill.examples.ecoeaze.demo.Feed;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** A page that somebody has open: it gets live figures by pub/sub, and others over HTTP. */
final class LivePage implements AutoCloseable {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration PAUSE = Duration.ofMillis(20);

    private final HttpClient client = HttpClient.newHttpClient();
    private final Feed feed;
    private final Inspector inspector;
    private final DashboardServer server;

    private LivePage(Feed feed, Inspector inspector, DashboardServer server) {
        this.feed = feed;
        this.inspector = inspector;
        this.server = server;
    }

    static LivePage open(Settings settings, EcoEazeData data, TaskQueue queue) throws IOException {
        Inspector inspector = new Inspector(queue.admin());
        DashboardServer server = DashboardServer.start(settings.httpPort(), data.dashboard(), inspector);
        return new LivePage(Feed.open(settings.redis(RedisDb.ANALYTICS), Dashboard.CHANNEL), inspector, server);
    }

    /** Looks at what is running until something is, and it is known where. */
    void awaitActive(Checks checks) throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        JsonNode active = get("/active");
        while (!isKnown(active) && end - System.nanoTime() > 0) {
            Thread.sleep(PAUSE.toMillis());
            active = get("/active");
        }
        checks.that("a job was seen running, and where", isKnown(active), active.toString());
    }

    private static boolean isKnown(JsonNode active) {
        return !active.isEmpty() && !active.get(0).path("worker").asText().isEmpty();
    }

    /** The figures came by themselves, and what is asked for over HTTP agrees with them. */
    void check(Checks checks, PrintStream out) throws IOException, InterruptedException {
        checks.equal("live figures received", 1, feed.take(1, PATIENCE).size());
        checks.that("queues on the live page", get("/live").path("queues").has("orders"), "there is none for orders");
        JsonNode stats = get("/stats");
        checks.equal("workers in the statistics", 1, stats.path("workers").size());
        checks.that(
                "orders in the statistics",
                stats.path("queues").path("orders").path("succeeded").asInt() >= DemoMarket.EGG_ORDERS,
                stats.toString());
        out.println();
        EcoEazeInspect.stats(inspector.stats(), out);
    }

    private JsonNode get(String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .timeout(PATIENCE)
                .build();
        return JSON.readTree(
                client.send(request, HttpResponse.BodyHandlers.ofString()).body());
    }

    @Override
    public void close() {
        server.close();
        feed.close();
    }
}
