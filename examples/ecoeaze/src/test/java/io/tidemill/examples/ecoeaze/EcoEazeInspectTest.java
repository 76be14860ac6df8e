package io.tidemill.examples.ecoeaze;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.TaskQueue;
import io.tidemill.test.Waits;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On a Redis with three mails that nobody sends. */
class EcoEazeInspectTest {

    private final Settings settings = TestRedis.settings(Map.of());

    @BeforeEach
    void requestMails() {
        TestRedis.empty();
        try (EcoEazeData data = new EcoEazeData(settings);
                TaskQueue queue = EcoEazeWorker.connect(settings, event -> {})) {
            EcoEazeProducer producer = new EcoEazeProducer(queue, data);
            for (String name : new String[] {"Ada", "Bob", "Eve"}) {
                producer.sendWelcomeEmail(name + "@customers.example", name);
            }
            // Noted beside the jobs, and nobody waits for that.
            Waits.until("the queue is listed", () -> queue.admin().queues().contains("mail"));
        }
    }

    @Test
    void printsStatistics() {
        assertThat(print("stats"))
                .containsPattern("queue +waiting +delayed +active +succeeded +dead")
                .containsPattern("mail +3 +0 +0 +0 +0")
                .doesNotContain("worker ");
    }

    @Test
    void printsNothingWhenNothingIsRunning() {
        assertThat(print("active")).isEmpty();
    }

    @Test
    void printsTheMemoryOfRedis() {
        assertThat(print("memory"))
                .containsPattern("database 0, broker: [1-9]\\d* keys")
                .contains("database 4, inventory: 0 keys")
                .containsPattern("used_memory_human:\\S+");
    }

    @Test
    void knowsNoOtherCommand() {
        assertThat(EcoEazeInspect.print("drop", settings, System.out)).isFalse();
    }

    private String print(String command) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        assertThat(EcoEazeInspect.print(command, settings, new PrintStream(bytes, true, StandardCharsets.UTF_8)))
                .isTrue();
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
