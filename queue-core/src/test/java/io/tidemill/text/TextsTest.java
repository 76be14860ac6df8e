package io.tidemill.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextsTest {

    @ParameterizedTest
    @CsvSource({
        "PT0S, 0 s",
        "PT0.000000001S, 1 ns",
        "PT0.25S, 250 ms",
        "PT1S, 1 s",
        "PT1.5S, 1 s 500 ms",
        "PT90S, 1 min 30 s",
        "PT2H, 2 h",
        "P3650D, 3650 d",
        "PT87600H0.001S, 3650 d 1 ms",
        "PT-1S, -1 s",
        "PT-0.25S, -250 ms"
    })
    void a_duration_is_written_in_the_units_it_has(Duration duration, String text) {
        assertThat(Texts.duration(duration)).isEqualTo(text);
    }

    @Test
    void the_longest_durations_can_be_written() {
        assertThat(Texts.duration(Duration.ofSeconds(Long.MAX_VALUE))).startsWith("106751991167300 d");
        assertThat(Texts.duration(Duration.ofSeconds(Long.MIN_VALUE))).startsWith("-106751991167300 d");
        assertThat(Texts.millis(90_000)).isEqualTo("1 min 30 s");
    }

    @Test
    void one_is_singular_and_everything_else_plural() {
        assertThat(Texts.count(0, "job")).isEqualTo("0 jobs");
        assertThat(Texts.count(1, "job")).isEqualTo("1 job");
        assertThat(Texts.count(1204, "lease")).isEqualTo("1,204 leases");
    }
}
