package io.tidemill.broker.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.queue.Limit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RateLimiterTest {

    private static final long NOW = 1_795_000_000_000L;

    private final RateLimiter pace = new RateLimiter();

    /** Whoever starts as often as he may, asked each millisecond: when, in ms from the first. */
    private List<Long> starts(Limit.Rate rate, long from, long millis) {
        List<Long> starts = new ArrayList<>();
        for (long now = from; now < from + millis; now++) {
            while (pace.waitMillis(rate, now) == 0) {
                assertThat(pace.room(rate, now)).isPositive();
                pace.start(rate, 1, now);
                starts.add(now - from);
            }
            assertThat(pace.room(rate, now)).isZero();
        }
        return starts;
    }

    @Test
    void exactly_the_burst_starts_and_then_one_per_interval() {
        Limit.Rate rate = Limit.rate(10, Duration.ofSeconds(1)).burst(3);

        assertThat(starts(rate, NOW, 401)).containsExactly(0L, 0L, 0L, 100L, 200L, 300L, 400L);
    }

    @Test
    void a_burst_comes_back_after_a_quiet_time_and_not_before() {
        Limit.Rate rate = Limit.rate(10, Duration.ofSeconds(1)).burst(3);
        starts(rate, NOW, 1);

        assertThat(starts(rate, NOW + 299, 1)).hasSize(2);
        assertThat(starts(rate, NOW + 1000, 1)).hasSize(3);
    }

    @Test
    void intervals_that_are_no_whole_milliseconds_add_up() {
        Limit.Rate rate = Limit.rate(3, Duration.ofSeconds(1)).burst(2);

        assertThat(starts(rate, NOW, 2001)).containsExactly(0L, 0L, 334L, 667L, 1000L, 1334L, 1667L, 2000L);
    }

    @Test
    void a_thousand_a_second_for_a_minute_are_sixty_thousand() {
        Limit.Rate rate = Limit.rate(1000, Duration.ofSeconds(1)).burst(10);

        assertThat(starts(rate, NOW, 60_000)).hasSize(60_000 + 9);
    }

    @Test
    void many_at_once_are_as_many_one_by_one() {
        Limit.Rate rate = Limit.rate(10, Duration.ofSeconds(1)).burst(7);
        assertThat(pace.room(rate, NOW)).isEqualTo(7);

        pace.start(rate, 4, NOW);

        assertThat(pace.room(rate, NOW)).isEqualTo(3);
        pace.start(rate, 3, NOW);
        assertThat(pace.room(rate, NOW)).isZero();
        assertThat(pace.waitMillis(rate, NOW)).isEqualTo(100);
        assertThat(pace.isOver(NOW + 699)).isFalse();
        assertThat(pace.isOver(NOW + 700)).isTrue();
    }

    @Test
    void the_extremes_work() {
        Limit.Rate slowest = Limit.rate(1, Duration.ofDays(1));
        assertThat(starts(slowest, NOW, 1)).hasSize(1);
        assertThat(pace.waitMillis(slowest, NOW)).isEqualTo(Duration.ofDays(1).toMillis());
        Limit.Rate fastest = Limit.rate(1_000_000, Duration.ofMillis(1)).burst(1_000_000);
        assertThat(new RateLimiter().room(fastest, NOW)).isEqualTo(1_000_000);
    }
}
