package io.tidemill.examples.ecoeaze.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lettuce.core.api.StatefulRedisConnection;
import io.tidemill.TaskQueue;
import io.tidemill.admin.JobInfo;
import io.tidemill.examples.ecoeaze.TestRedis;
import io.tidemill.examples.ecoeaze.behavior.Behavior;
import io.tidemill.examples.ecoeaze.behavior.UserAction;
import io.tidemill.examples.ecoeaze.demo.Feed;
import io.tidemill.examples.ecoeaze.notifications.PushTasks;
import io.tidemill.task.JobState;
import io.tidemill.test.Waits;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class DashboardTest {

    private static final Instant NOON = Instant.parse("2026-03-10T12:00:00Z");
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final StatefulRedisConnection<String, String> redis = TestRedis.empty();
    private final Behavior behavior = new Behavior(redis);
    private final Dashboard dashboard = new Dashboard(redis);

    @Test
    void publishesFiguresAndKeepsThem() throws Exception {
        behavior.track(new UserAction("a-1", "ada", "product_view", Map.of("productId", "honey"), NOON));
        try (TaskQueue queue = TaskQueue.builder().start();
                Feed feed = Feed.open(TestRedis.uri(), Dashboard.CHANNEL)) {
            queue.enqueue(PushTasks::sendPushNotification, "ada", "Hi", "there");

            assertThat(tasks(queue).updateDashboard()).isEqualTo(1);

            String json = feed.take(1, SOON).get(0);
            assertThat(dashboard.find()).contains(json);
            assertThat(redis.sync().pttl("dashboard:figures")).isBetween(1L, 60_000L);
            assertThat(JSON.readTree(json)).isEqualTo(JSON.readTree("""
                {"at":"2026-03-10T12:00:00Z",
                 "queues":{"notifications":
                   {"waiting":1,"delayed":0,"active":0,"succeeded":0,"dead":0}},
                 "workers":0,"usersToday":1,
                 "actionsToday":{"product_view":1},"productsToday":{"honey":1}}
                """));
        }
    }

    @Test
    void manyChangesAreOneUpdate() {
        try (TaskQueue queue = TaskQueue.builder().start()) {
            for (int i = 0; i < 10; i++) {
                DashboardTasks.requestUpdate(queue);
            }

            List<JobInfo> updates = queue.admin().list("insight", JobState.SCHEDULED, 0, 10);
            assertThat(updates).extracting(JobInfo::task).containsExactly("update_dashboard");
        }
    }

    @Test
    void saysWhatIsRunningAndHowMuchWasDone() throws Exception {
        CountDownLatch runs = new CountDownLatch(1);
        CountDownLatch ends = new CountDownLatch(1);
        try (TaskQueue queue = TaskQueue.builder()
                .handle("slow", String.class, (name, context) -> {
                    runs.countDown();
                    ends.await();
                })
                .concurrency(3)
                .start()) {
            Inspector inspector = new Inspector(queue.admin());
            String id = queue.enqueue("slow", "one").id();
            runs.await();
            Waits.until(
                    "the worker is listed", () -> !inspector.stats().workers().isEmpty());

            assertThat(inspector.active()).hasSize(1);
            Inspector.ActiveJob active = inspector.active().get(0);
            assertThat(active).extracting("queue", "task", "id").containsExactly("default", "slow", id);
            Inspector.Stats stats = inspector.stats();
            assertThat(stats.workers()).hasSize(1);
            Inspector.WorkerFigures worker = stats.workers().get(0);
            assertThat(worker.id()).isEqualTo(active.worker());
            assertThat(worker.pid()).isEqualTo(ProcessHandle.current().pid());
            assertThat(List.of(worker.active(), worker.concurrency())).containsExactly(1, 3);
            assertThat(stats.queues()).isEqualTo(Map.of("default", new QueueFigures(0, 0, 1, 0, 0)));
            ends.countDown();
        }
    }

    @Test
    void servesThemAsJsonOverHttp() throws Exception {
        try (TaskQueue queue = TaskQueue.builder().start();
                DashboardServer server = DashboardServer.start(0, dashboard, new Inspector(queue.admin()))) {
            assertThat(get(server, "/live").statusCode()).isEqualTo(503);
            queue.enqueue(PushTasks::sendPushNotification, "ada", "Hi", "there");
            tasks(queue).updateDashboard();

            HttpResponse<String> live = get(server, "/live");

            assertThat(live.statusCode()).isEqualTo(200);
            assertThat(live.headers().firstValue("Content-Type")).contains("application/json");
            assertThat(live.body()).isEqualTo(dashboard.find().orElseThrow());
            JsonNode stats = JSON.readTree(get(server, "/stats").body());
            assertThat(stats.at("/queues/notifications/waiting").asInt()).isEqualTo(1);
            assertThat(get(server, "/active").body()).isEqualTo("[]");
            assertThat(get(server, "/live/more").statusCode()).isEqualTo(404);
            assertThat(send(HttpRequest.newBuilder(uri(server, "/live")).POST(BodyPublishers.ofString("x")))
                            .statusCode())
                    .isEqualTo(405);
        }
    }

    private DashboardTasks tasks(TaskQueue queue) {
        return new DashboardTasks(new Inspector(queue.admin()), behavior, dashboard, Clock.fixed(NOON, ZoneOffset.UTC));
    }

    private static HttpResponse<String> get(DashboardServer server, String path) throws Exception {
        return send(HttpRequest.newBuilder(uri(server, path)));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
    }

    private static URI uri(DashboardServer server, String path) {
        return URI.create("http://127.0.0.1:" + server.port() + path);
    }
}
