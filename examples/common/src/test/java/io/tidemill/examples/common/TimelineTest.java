package io.tidemill.examples.common;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.event.JobEvent;
import io.tidemill.event.JobRef;
import io.tidemill.event.QueueEvent;
import io.tidemill.event.RunInfo;
import io.tidemill.message.Failure;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TimelineTest {

    @Test
    void alignsItsColumns() {
        JobRef mail = JobRef.of("mail", "0VJp3xKq01Yb8sQm4T", "send_email");

        assertThat(line(412, new QueueEvent.Enqueued(mail)))
                .isEqualTo("   +0.412s  send_email                       0VJp3xKq01Yb8sQm4T       enqueued");
        assertThat(line(500, new QueueEvent.Started(mail, RunInfo.of(1))))
                .isEqualTo(
                        "   +0.500s  send_email                       0VJp3xKq01Yb8sQm4T       started    attempt 1");
        assertThat(line(
                        1234,
                        new QueueEvent.Retrying(
                                mail, RunInfo.of(1), Failure.of("Greylisted", "try later"), Duration.ofMillis(350))))
                .isEqualTo("   +1.234s  send_email                       0VJp3xKq01Yb8sQm4T       retrying   "
                        + "attempt 1: Greylisted: try later, again in 350 ms");
        assertThat(line(12_000, new QueueEvent.Succeeded(mail, RunInfo.of(2).withTook(Duration.ofMillis(7)))))
                .isEqualTo("  +12.000s  send_email                       0VJp3xKq01Yb8sQm4T       done       in 7 ms");
    }

    private static String line(long millis, JobEvent event) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        new Timeline(out, 31, 23).accept(new JobLog.Entry(Duration.ofMillis(millis), event));
        return bytes.toString(StandardCharsets.UTF_8).stripTrailing();
    }
}
