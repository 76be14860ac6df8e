package io.tidemill.examples.ecoeaze.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.event.QueueEvent;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TimelineTest {

    @Test
    void alignsItsColumns() {
        String id = "0VJp3xKq01Yb8sQm4T";

        assertThat(line(412, new QueueEvent.Enqueued("mail", id, "send_email")))
                .isEqualTo("   +0.412s  send_email                 0VJp3xKq01Yb8sQm4T       enqueued");
        assertThat(line(500, new QueueEvent.Started("mail", id, "send_email", 1)))
                .isEqualTo("   +0.500s  send_email                 0VJp3xKq01Yb8sQm4T       started    attempt 1");
        assertThat(line(
                        1234,
                        new QueueEvent.Retrying("mail", id, "send_email", 1, "greylisted", Duration.ofMillis(350))))
                .isEqualTo("   +1.234s  send_email                 0VJp3xKq01Yb8sQm4T       retrying   "
                        + "attempt 1: greylisted, again in 350 ms");
        assertThat(line(12_000, new QueueEvent.Succeeded("mail", id, "send_email", 2, Duration.ofMillis(7))))
                .isEqualTo("  +12.000s  send_email                 0VJp3xKq01Yb8sQm4T       done       in 7 ms");
    }

    private static String line(long millis, QueueEvent event) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        new Timeline(out).accept(new JobLog.Entry(Duration.ofMillis(millis), event));
        return bytes.toString(StandardCharsets.UTF_8).stripTrailing();
    }
}
