package io.tidemill.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class HistogramTest {

    @Test
    void percentiles_are_right_to_within_a_bucket() {
        Histogram histogram = new Histogram();
        for (int i = 1; i <= 1_000_000; i++) {
            histogram.record(i * 37L);
        }
        for (double share : new double[] {0.001, 0.5, 0.9, 0.99, 0.999}) {
            assertThat((double) histogram.percentile(share))
                    .isCloseTo(share * 37_000_000, Percentage.withPercentage(1.6));
        }
        assertThat(histogram.percentile(1)).isEqualTo(37_000_000);
        assertThat(histogram.count()).isEqualTo(1_000_000);
    }

    @Test
    void any_value_has_a_bucket() {
        for (long value : new long[] {0, 1, 63, 64, 127, 128, 1 << 20, Long.MAX_VALUE / 3, Long.MAX_VALUE}) {
            Histogram histogram = new Histogram();
            histogram.record(value);
            assertThat(histogram.percentile(0.5)).isEqualTo(value);
            assertThat(histogram.max()).isEqualTo(value);
        }
    }

    @Test
    void small_values_are_exact() {
        Histogram histogram = new Histogram();
        for (int i = 1; i <= 100; i++) {
            histogram.record(i);
        }
        assertThat(histogram.percentile(0.5)).isCloseTo(50, within(0L));
        assertThat(histogram.percentile(0.99)).isCloseTo(99, within(0L));
    }

    @Test
    void without_values_all_is_zero() {
        assertThat(new Histogram().percentile(0.99)).isZero();
    }
}
