package io.tidemill.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tidemill.message.JsonPayloadCodec;
import io.tidemill.task.PayloadException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How progress is written and read. */
class ProgressTest {

    private final Payloads payloads = new Payloads(new JsonPayloadCodec(), null);

    private Progress readAgain(Progress progress) {
        return Progress.read(progress.bytes(payloads, "mail", "send", "job-1"), payloads, "mail", "job-1");
    }

    @Test
    void what_is_written_is_read_again() {
        Progress said = Progress.none(1_700_000_000_000L)
                .inRun(3)
                .at(17, 40, "halb fertig \u00e4\u20ac")
                .with(18, "first")
                .with(19, "")
                .next();

        assertThat(readAgain(said)).isEqualTo(said);
        assertThat(readAgain(Progress.none(5))).isEqualTo(Progress.none(5));
    }

    @Test
    void texts_are_one_line_of_bounded_length() {
        Progress said = Progress.none(1).with(1, "a\nb\u202Ec\u0000d").with(2, "x".repeat(501));

        assertThat(said.lines().get(0).text()).isEqualTo("a b c d");
        assertThat(said.lines().get(1).text()).hasSize(500).endsWith("x...");
        assertThat(readAgain(said)).isEqualTo(said);
    }

    @Test
    void the_largest_progress_is_smaller_than_a_broker_keeps() {
        Progress said = Progress.none(1).at(1, 1, "\u20ac".repeat(500));
        for (int i = 0; i < 200; i++) {
            said = said.with(i, "\u20ac".repeat(500));
        }

        assertThat(said.bytes(payloads, "mail", "send", "job-1").length).isLessThan(200_000);
        assertThat(readAgain(said)).isEqualTo(said);
    }

    @Test
    void what_cannot_be_read_is_said() {
        for (String stored : List.of("", "B1 2 3", "A1 2 3\n", "A1 2 3 4 5 6\nmessage\nline\n", "Ax 2 3 4 5 6\n\n")) {
            byte[] bytes = stored.getBytes(StandardCharsets.UTF_8);
            assertThatExceptionOfType(PayloadException.class)
                    .as(stored)
                    .isThrownBy(() -> Progress.read(bytes, payloads, "mail", "job-1"))
                    .withMessageContaining("the progress of job job-1 cannot be read here");
        }
    }
}
