package io.tidemill.examples.ecoeaze.reports;

import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.temporal.TemporalAdjusters;

/**
 * A period that a report covers.
 *
 * @param from its first day
 * @param to its last day
 */
record Period(LocalDate from, LocalDate to) {

    /**
     * The last complete one before this day. Weeks begin on Monday.
     *
     * @param name {@code weekly}, {@code monthly}, {@code quarterly} or {@code yearly}
     */
    static Period last(String name, LocalDate today) {
        LocalDate end = switch (name) {
            case "weekly" -> today.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
            case "monthly" -> today.withDayOfMonth(1);
            case "quarterly" -> today.withDayOfMonth(1).minusMonths((today.getMonthValue() - 1) % 3);
            case "yearly" -> today.withDayOfYear(1);
            default ->
                throw new IllegalArgumentException(
                        "a period is weekly, monthly, quarterly or yearly, not '" + name + "'");
        };
        LocalDate from = switch (name) {
            case "weekly" -> end.minusWeeks(1);
            case "monthly" -> end.minusMonths(1);
            case "quarterly" -> end.minusMonths(3);
            default -> end.minusYears(1);
        };
        return new Period(from, end.minusDays(1));
    }
}
