package io.tidemill.examples.ecoeaze.stock;

import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;

/**
 * What will be sold of a product, probably.
 *
 * @param product its id
 * @param from the first day of the forecast
 * @param units how many units on each day from there
 * @param method how it was made: {@code holt-winters}, or {@code mean} of the days known if they are fewer than four
 *     weeks
 * @param error by how many units the forecast of one day was off in the past, typically
 */
public record Demand(String product, LocalDate from, List<Double> units, String method, double error) {

    private static final int ENOUGH = 4 * HoltWinters.WEEK;

    /** Forecasts from what was sold on each of the days before. Days before the first sale say nothing. */
    static Demand forecast(String product, LocalDate from, int days, double[] sales) {
        int first = 0;
        while (first < sales.length && sales[first] == 0) {
            first++;
        }
        double[] known = Arrays.copyOfRange(sales, first, sales.length);
        if (known.length < ENOUGH) {
            double mean = Arrays.stream(known).average().orElse(0);
            double[] units = new double[days];
            Arrays.fill(units, mean);
            double variance = Arrays.stream(known)
                    .map(sold -> (sold - mean) * (sold - mean))
                    .average()
                    .orElse(0);
            return of(product, from, units, "mean", Math.sqrt(variance));
        }
        HoltWinters model = HoltWinters.fit(known);
        return of(product, from, model.forecast(days), "holt-winters", model.error());
    }

    private static Demand of(String product, LocalDate from, double[] units, String method, double error) {
        List<Double> rounded = Arrays.stream(units).map(Demand::round).boxed().toList();
        return new Demand(product, from, rounded, method, round(error));
    }

    private static double round(double value) {
        return Math.round(value * 100) / 100.0;
    }

    /** Whole units that will be sold in the first days of the forecast. */
    public int over(int days) {
        return (int)
                Math.ceil(units.stream().limit(days).mapToDouble(each -> each).sum());
    }
}
