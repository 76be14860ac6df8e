package io.tidemill.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {

    @ParameterizedTest
    @CsvSource({
        "0ms, PT0S",
        "250ms, PT0.25S",
        "30s, PT30S",
        "5m, PT5M",
        "2h, PT2H",
        "7d, PT168H",
        "3650d, PT87600H",
        "PT1M30S, PT1M30S",
        "P1DT1S, PT24H1S",
    })
    void what_people_write_is_read(String text, Duration expected) {
        assertThat(Durations.parse("delay", text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "5", "s", "5 m", "5M5", "1.5s", "-5s", "5sec", "1e3s", "٥s", "9999999999999s", "P"})
    void what_is_no_duration_is_refused_with_examples(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Durations.parse("timeout", text))
                .withMessage("timeout must be like \"250ms\", \"30s\", \"5m\", \"2h\", \"7d\" or \"PT1M30S\", got \""
                        + text + "\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"3651d", "87601h", "999999999999d", "999999999999h", "PT-1S", "-PT1S", "P3651D", "P99999999D"})
    void what_is_out_of_range_is_refused_with_the_range(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Durations.parse("delay", text))
                .withMessageStartingWith("delay must be between 0 and 10 years, got ");
    }

    @Test
    void the_range_ends_are_inside() {
        assertThat(Durations.check("delay", Duration.ZERO)).isZero();
        assertThat(Durations.check("delay", Durations.MAX)).isEqualTo(Durations.MAX);
        assertThat(Durations.checkPositive("ttl", Duration.ofMillis(1))).hasMillis(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Durations.check("delay", Durations.MAX.plusNanos(1)))
                .withMessageContaining("10 years");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Durations.checkPositive("ttl", Duration.ofNanos(999_999)))
                .withMessage("ttl must be between 1 ms and 10 years, got 999999 ns");
    }
}
