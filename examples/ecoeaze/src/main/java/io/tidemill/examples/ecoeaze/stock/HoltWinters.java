package io.tidemill.examples.ecoeaze.stock;

import java.util.Arrays;
import java.util.Objects;

/**
 * Exponential smoothing with an additive trend and an additive week, known as the Holt-Winters method. The formulas are
 * those of Hyndman and Athanasopoulos, "Forecasting: Principles and Practice", 3rd edition, section 8.3:
 *
 * <pre>
 *   level   l(t) = a (y(t) - s(t-7)) + (1 - a) (l(t-1) + b(t-1))
 *   trend   b(t) = c (l(t) - l(t-1)) + (1 - c) b(t-1)
 *   season  s(t) = g (y(t) - l(t-1) - b(t-1)) + (1 - g) s(t-7)
 *   forecast for h days ahead = l(t) + h b(t) + s of the same day of the last week that is known
 * </pre>
 *
 * <p>Level, trend and season begin as those of the first two weeks. Of several {@code a}, {@code c}, {@code g} those
 * are taken that would have forecast each known day from the days before it with the smallest mean squared error.
 */
final class HoltWinters {

    /** Days of a season. */
    static final int WEEK = 7;

    private static final double[] WEIGHTS = {0.05, 0.1, 0.2, 0.4, 0.8};

    private double level;
    private double trend;
    private final double[] season = new double[WEEK];
    private int days;
    private double squaredErrors;

    private HoltWinters(double[] sales) {
        double first = Arrays.stream(sales, 0, WEEK).average().orElseThrow();
        double second = Arrays.stream(sales, WEEK, 2 * WEEK).average().orElseThrow();
        trend = (second - first) / WEEK;
        // The mean of a week is the level of its middle; the method begins on the day before its first
        level = first - trend * (WEEK + 1) / 2;
        for (int day = 0; day < WEEK; day++) {
            season[day] = sales[day] - level - trend * (day + 1);
        }
    }

    /**
     * The model that fits best.
     *
     * @param sales units sold on each day, at least two weeks
     */
    static HoltWinters fit(double[] sales) {
        HoltWinters best = null;
        for (double a : WEIGHTS) {
            for (double c : WEIGHTS) {
                for (double g : WEIGHTS) {
                    HoltWinters model = new HoltWinters(sales);
                    for (double sold : sales) {
                        model.learn(sold, a, c, g);
                    }
                    if (best == null || model.squaredErrors < best.squaredErrors) {
                        best = model;
                    }
                }
            }
        }
        return Objects.requireNonNull(best);
    }

    private void learn(double sold, double a, double c, double g) {
        int day = days++ % WEEK;
        double expected = level + trend;
        double error = sold - expected - season[day];
        squaredErrors += error * error;
        double before = level;
        level = a * (sold - season[day]) + (1 - a) * expected;
        trend = c * (level - before) + (1 - c) * trend;
        season[day] = g * (sold - expected) + (1 - g) * season[day];
    }

    /** What to expect on each of the next days; nobody sells less than nothing. */
    double[] forecast(int count) {
        double[] expected = new double[count];
        for (int h = 1; h <= count; h++) {
            expected[h - 1] = Math.max(0, level + h * trend + season[(days + h - 1) % WEEK]);
        }
        return expected;
    }

    /** By how many units the forecast of the next day was off on the days known, as the root of the mean square. */
    double error() {
        return Math.sqrt(squaredErrors / days);
    }
}
