package io.tidemill.examples.ecoeaze.notifications;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.tidemill.examples.ecoeaze.demo.Inbox;
import io.tidemill.task.TaskContext;
import io.tidemill.test.TestContext;
import io.tidemill.test.redis.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PushTasksTest {

    private static final Duration SOON = Duration.ofSeconds(10);

    private static RedisServer server;
    private static RedisClient client;
    private static StatefulRedisConnection<String, String> redis;

    private final Notifications notifications = new Notifications(redis);
    private final PushTasks tasks = new PushTasks(notifications);

    @BeforeAll
    static void start() {
        server = RedisServer.start();
        client = RedisClient.create(server.uri());
        redis = client.connect();
    }

    @AfterAll
    static void stop() {
        client.shutdown();
        server.close();
    }

    @BeforeEach
    void clear() {
        redis.sync().flushall();
    }

    @Test
    void reachesADeviceThatIsConnected() throws Exception {
        try (Inbox inbox = Inbox.open(server.uri(), "ada")) {
            assertThat(push("job-1", "ada", "Order packed")).isEqualTo(1);
            assertThat(push("job-2", "bob", "Not for Ada")).isZero();
            assertThat(push("job-3", "ada", "Order on its way")).isEqualTo(1);

            List<Notification> received = inbox.take(2, SOON);
            assertThat(received).extracting(Notification::title).containsExactly("Order packed", "Order on its way");
            assertThat(received).extracting(Notification::id).containsExactly("job-1", "job-3");
            assertThat(received).extracting(Notification::body).containsOnly("text");
        }
    }

    @Test
    void keepsWhatADeviceMissed() throws Exception {
        push("job-1", "ada", "Order packed");
        push("job-2", "ada", "Größer: \"Äpfel\"");

        assertThat(notifications.history("ada"))
                .extracting(Notification::title)
                .containsExactly("Größer: \"Äpfel\"", "Order packed");
        assertThat(notifications.history("bob")).isEmpty();
    }

    @Test
    void keepsTheLastHundred() throws Exception {
        for (int i = 1; i <= 105; i++) {
            push("job-" + i, "ada", "Number " + i);
        }

        assertThat(redis.sync().llen("notifications:history:ada")).isEqualTo(100);
        assertThat(notifications.history("ada"))
                .extracting(Notification::title)
                .containsExactlyElementsOf(IntStream.range(0, 100)
                        .mapToObj(i -> "Number " + (105 - i))
                        .toList());
    }

    @Test
    void sendsOnceWhenTheJobRunsTwice() throws Exception {
        try (Inbox inbox = Inbox.open(server.uri(), "ada")) {
            assertThat(push("job-1", "ada", "Order packed")).isEqualTo(1);
            assertThat(push("job-1", "ada", "Order packed")).isEqualTo(-1);
            push("job-2", "ada", "The end");

            assertThat(inbox.take(2, SOON)).extracting(Notification::title).containsExactly("Order packed", "The end");
            assertThat(notifications.history("ada")).hasSize(2);
        }
    }

    private long push(String job, String user, String title) throws Exception {
        return TaskContext.callWith(TestContext.of(job), () -> tasks.sendPushNotification(user, title, "text"));
    }
}
