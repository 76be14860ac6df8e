package io.tidemill.schedule;

import java.util.Locale;

/** A field of a cron expression: its range, and the names that stand for its numbers. */
enum CronField {
    SECOND(0, 59, ""),
    MINUTE(0, 59, ""),
    HOUR(0, 23, ""),
    DAY_OF_MONTH(1, 31, ""),
    MONTH(1, 12, "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"),
    /** Sunday is 0, and 7 as well. */
    DAY_OF_WEEK(0, 7, "SUN MON TUE WED THU FRI SAT");

    private final int min;
    private final int max;
    private final String names;

    CronField(int min, int max, String names) {
        this.min = min;
        this.max = max;
        this.names = names;
    }

    int min() {
        return min;
    }

    int max() {
        return max;
    }

    /** The last value that {@code *} means: 6 for days of the week, since 7 is Sunday once more. */
    int last() {
        return this == DAY_OF_WEEK ? 6 : max;
    }

    boolean isDay() {
        return this == DAY_OF_MONTH || this == DAY_OF_WEEK;
    }

    /** The number that this name stands for; -1 if it is no name of this field. */
    int named(String name) {
        int index = name.length() == 3 ? names.indexOf(name) : -1;
        return index < 0 ? -1 : min + index / 4;
    }

    boolean hasNames() {
        return !names.isEmpty();
    }

    /** As written in messages: "day of month". */
    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
