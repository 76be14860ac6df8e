package io.tidemill.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.text.Texts;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LimitTest {

    @Test
    void both_ends_of_every_range_are_taken() {
        Limit.Rate least = Limit.rate(1, Duration.ofMillis(1));
        Limit.Rate most = Limit.rate(1_000_000, Duration.ofDays(1)).burst(1_000_000);

        assertThat(least.burst()).isEqualTo(1);
        assertThat(most.burst()).isEqualTo(1_000_000);
        assertThat(Limit.concurrency(1).jobs()).isEqualTo(1);
        assertThat(Limit.concurrency(100_000).jobs()).isEqualTo(100_000);
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 1_000_001, Integer.MAX_VALUE})
    void starts_and_bursts_out_of_range_are_refused_with_the_range(int value) {
        assertThatThrownBy(() -> Limit.rate(value, Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("starts of a rate must be 1 to 1,000,000, got %,d", value);
        assertThatThrownBy(() -> Limit.rate(1, Duration.ofSeconds(1)).burst(value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("burst of a rate must be 1 to 1,000,000, got %,d", value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT-1S", "PT0S", "PT0.000999S", "PT24H0.001S", "P4000D"})
    void intervals_out_of_range_are_refused_with_the_range(Duration interval) {
        assertThatThrownBy(() -> Limit.rate(1, interval))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the interval of a rate must be between 1 ms and 1 day, got " + Texts.duration(interval));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 100_001})
    void concurrencies_out_of_range_are_refused_with_the_range(int value) {
        assertThatThrownBy(() -> Limit.concurrency(value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("jobs of a concurrency limit must be 1 to 100,000, got %,d", value);
    }

    @Test
    void in_order_is_one_at_a_time_and_no_other_concurrency() {
        assertThat(Limit.inOrder().jobs()).isEqualTo(1);
        assertThat(Limits.of(List.of(Limit.inOrder())).isInOrder()).isTrue();
        assertThat(Limits.of(List.of(Limit.concurrency(1))).isInOrder()).isFalse();
        assertThatThrownBy(() -> new Limit.Concurrency(2, true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("in order means one job at a time, got 2");
        assertThatThrownBy(() -> Limits.of(List.of(Limit.inOrder(), Limit.concurrency(3))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("there may be one limit of a kind");
    }
}
