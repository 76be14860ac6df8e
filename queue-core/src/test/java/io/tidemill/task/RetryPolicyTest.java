package io.tidemill.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tidemill.text.Durations;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {

    private static final RetryPolicy PLAIN = RetryPolicy.defaults()
            .withDelay(Duration.ofSeconds(1))
            .withMaxDelay(Duration.ofMinutes(10))
            .withJitter(false);

    private final Random random = new Random(42);

    @Test
    void without_jitter_the_wait_doubles_up_to_the_cap() {
        assertThat(List.of(1, 2, 3, 4, 10).stream().map(n -> PLAIN.waitAfter(n, random)))
                .containsExactly(
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(4),
                        Duration.ofSeconds(8),
                        Duration.ofSeconds(512));
        assertThat(PLAIN.waitAfter(11, random)).isEqualTo(Duration.ofMinutes(10));
    }

    @Test
    void it_saturates_and_never_overflows() {
        for (int failures : List.of(31, 32, 63, 64, 1023, 1024, 10_000, Integer.MAX_VALUE)) {
            assertThat(PLAIN.waitAfter(failures, random)).isEqualTo(Duration.ofMinutes(10));
            RetryPolicy steep =
                    PLAIN.withDelay(Durations.MAX).withMultiplier(100).withMaxDelay(Durations.MAX);
            assertThat(steep.waitAfter(failures, random)).isEqualTo(Durations.MAX);
        }
    }

    @Test
    void no_delay_stays_no_delay() {
        RetryPolicy none = RetryPolicy.defaults()
                .withDelay(Duration.ZERO)
                .withMultiplier(100)
                .withMaxDelay(Durations.MAX);
        for (int failures : List.of(1, 2, 500, Integer.MAX_VALUE)) {
            assertThat(none.waitAfter(failures, random)).isZero();
        }
    }

    @Test
    void any_policy_after_any_failure_waits_between_nothing_and_its_cap() {
        for (int i = 0; i < 20_000; i++) {
            Duration cap = Duration.ofMillis(random.nextLong(Durations.MAX.toMillis()));
            RetryPolicy policy = RetryPolicy.defaults()
                    .withDelay(Duration.ofMillis(random.nextLong(Durations.MAX.toMillis())))
                    .withMultiplier(1 + random.nextDouble() * 99)
                    .withMaxDelay(cap)
                    .withJitter(random.nextBoolean());
            int failures = random.nextInt(10) == 0 ? Integer.MAX_VALUE : 1 + random.nextInt(1 << random.nextInt(31));
            assertThat(policy.waitAfter(failures, random)).isBetween(Duration.ZERO, cap);
        }
    }

    @Test
    void jitter_spreads_between_half_and_all_of_the_longest_wait() {
        RetryPolicy jittered = PLAIN.withJitter(true);
        int draws = 10_000;
        long low = 0;
        long sum = 0;
        for (int i = 0; i < draws; i++) {
            long millis = jittered.waitAfter(4, random).toMillis();
            assertThat(millis).isBetween(4000L, 8000L);
            low += millis < 4400 ? 1 : 0;
            sum += millis;
        }

        assertThat(sum / draws).as("mean of 4000 to 8000").isBetween(5900L, 6100L);
        assertThat(low).as("a tenth lies in the lowest tenth").isBetween(draws / 12L, draws / 8L);
    }

    @Test
    void the_defaults_outlive_an_outage_of_two_hours() {
        RetryPolicy longest = RetryPolicy.defaults().withJitter(false);
        Duration total = Duration.ZERO;
        for (int failures = 1; failures < longest.maxAttempts(); failures++) {
            total = total.plus(longest.waitAfter(failures, random));
        }

        assertThat(total.dividedBy(2)).isBetween(Duration.ofHours(2), Duration.ofHours(3));
    }

    @Test
    void policies_with_the_same_values_are_equal() {
        assertThat(RetryPolicy.defaults().withDelay(Duration.ofSeconds(5)).withDelay(Duration.ofSeconds(2)))
                .isEqualTo(RetryPolicy.defaults())
                .hasSameHashCodeAs(RetryPolicy.defaults())
                .isNotEqualTo(PLAIN);
    }

    @Test
    void the_same_random_gives_the_same_wait() {
        RetryPolicy policy = RetryPolicy.defaults();
        assertThat(policy.waitAfter(3, new Random(7))).isEqualTo(policy.waitAfter(3, new Random(7)));
    }

    @Test
    void every_failure_is_worth_a_try_by_default() {
        assertThat(PLAIN.retries(new Exception())).isTrue();
        assertThat(PLAIN.retries(new StackOverflowError())).isTrue();
    }

    @Test
    void failures_are_chosen_by_class_subclass_and_cause() {
        RetryPolicy io = policy(List.of(IOException.class), List.of());

        assertThat(io.retries(new IOException())).isTrue();
        assertThat(io.retries(new FileNotFoundException())).isTrue();
        assertThat(io.retries(new UncheckedIOException(new IOException()))).isTrue();
        assertThat(io.retries(new RuntimeException(new RuntimeException(new IOException()))))
                .isTrue();
        assertThat(io.retries(new IllegalStateException())).isFalse();
    }

    @Test
    void giving_up_is_stronger() {
        RetryPolicy policy = policy(List.of(IOException.class), List.of(FileNotFoundException.class));

        assertThat(policy.retries(new IOException())).isTrue();
        assertThat(policy.retries(new FileNotFoundException())).isFalse();
        assertThat(policy.retries(new IOException(new FileNotFoundException()))).isFalse();
    }

    @Test
    void a_cycle_of_causes_ends() {
        Exception a = new Exception("a");
        Exception b = new Exception("b", a);
        a.initCause(b);

        assertThat(policy(List.of(IOException.class), List.of()).retries(a)).isFalse();
    }

    @Test
    void values_out_of_range_are_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PLAIN.withMaxAttempts(0))
                .withMessage("maxAttempts must be 1 to 10,000, got 0");
        assertThatIllegalArgumentException().isThrownBy(() -> PLAIN.withMaxAttempts(10_001));
        for (double bad : new double[] {0, 0.99, 100.1, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> PLAIN.withMultiplier(bad))
                    .withMessage("multiplier must be 1 to 100, got " + bad);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PLAIN.withDelay(Duration.ofSeconds(-1)))
                .withMessageStartingWith("delay must be between");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PLAIN.withMaxDelay(Durations.MAX.plusMillis(1)))
                .withMessageStartingWith("maxDelay must be between");
    }

    private static RetryPolicy policy(List<Class<? extends Throwable>> on, List<Class<? extends Throwable>> giveUpOn) {
        return RetryPolicy.defaults().withOn(on).withGiveUpOn(giveUpOn);
    }
}
