package io.tidemill.examples.ecoeaze.stock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DemandTest {

    private static final LocalDate TODAY = LocalDate.parse("2026-03-10");
    private static final double[] WEEK = {-4, -2, 0, 1, 5, 8, -8};

    @Test
    void continuesATrendAndAWeekExactly() {
        double[] sales = series(56, day -> 20 + 0.5 * day + WEEK[day % 7]);

        Demand demand = Demand.forecast("honey", TODAY, 10, sales);

        assertThat(demand.method()).isEqualTo("holt-winters");
        assertThat(demand.error()).isZero();
        assertThat(demand.units()).hasSize(10);
        for (int h = 0; h < 10; h++) {
            int day = 56 + h;
            assertThat(demand.units().get(h)).isEqualTo(20 + 0.5 * day + WEEK[day % 7], within(0.01));
        }
        assertThat(demand.from()).isEqualTo(TODAY);
    }

    @Test
    void seesTheWeekThroughNoise() {
        SplittableRandom random = new SplittableRandom(7);
        double[] sales = series(56, day -> 20 + WEEK[day % 7] + random.nextDouble(-2, 2));

        List<Double> units = Demand.forecast("honey", TODAY, 7, sales).units();

        double error = 0;
        double errorOfTheMean = 0;
        double mean = Arrays.stream(sales).average().orElseThrow();
        for (int h = 0; h < 7; h++) {
            double truth = 20 + WEEK[h];
            error += Math.abs(units.get(h) - truth);
            errorOfTheMean += Math.abs(mean - truth);
        }
        assertThat(error).isLessThan(errorOfTheMean / 2);
    }

    @Test
    void takesTheMeanWhenTooFewDaysAreKnown() {
        double[] sales = {0, 0, 0, 0, 0, 4, 6, 8};

        Demand demand = Demand.forecast("honey", TODAY, 3, sales);

        assertThat(demand).isEqualTo(new Demand("honey", TODAY, List.of(6.0, 6.0, 6.0), "mean", 1.63));
        assertThat(demand.over(2)).isEqualTo(12);
    }

    @Test
    void expectsNothingOfWhatWasNeverSold() {
        assertThat(Demand.forecast("honey", TODAY, 2, new double[56]).units()).containsExactly(0.0, 0.0);
    }

    @Test
    void nobodySellsLessThanNothing() {
        double[] sales = series(56, day -> Math.max(0, 55 - day));

        assertThat(Demand.forecast("honey", TODAY, 14, sales).units()).allMatch(units -> units >= 0);
    }

    @Test
    void roundsUpToWholeUnits() {
        Demand demand = new Demand("honey", TODAY, List.of(1.2, 1.0, 5.0), "mean", 0);

        assertThat(demand.over(2)).isEqualTo(3);
        assertThat(demand.over(9)).isEqualTo(8);
    }

    private static double[] series(int days, IntToDoubleFunction sales) {
        return IntStream.range(0, days).mapToDouble(sales).toArray();
    }
}
