package io.tidemill.schedule;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Times at equal distance from a first one, in real time: no time zone moves them. */
record IntervalTimes(Duration interval, Instant first) implements DueTimes {

    @Override
    public @Nullable Instant next(Instant after) {
        if (after.isBefore(first)) {
            return first;
        }
        long passed = Duration.between(first, after).dividedBy(interval);
        return first.plus(interval.multipliedBy(passed + 1));
    }

    @Override
    public String describe() {
        String words = inWords(interval);
        String every = "every " + (words.startsWith("1 ") ? words.substring(2) : words);
        return first.equals(Instant.EPOCH) ? every : every + ", first at " + first;
    }

    @Override
    public String line() {
        return "every " + interval.toMillis() + " " + first.toEpochMilli();
    }

    /** In the largest unit that gives a whole number: 90 s are "90 seconds", 120 s are "2 minutes". */
    static String inWords(Duration duration) {
        long millis = duration.toMillis();
        if (millis % 86_400_000 == 0) {
            return counted(millis / 86_400_000, "day");
        } else if (millis % 3_600_000 == 0) {
            return counted(millis / 3_600_000, "hour");
        } else if (millis % 60_000 == 0) {
            return counted(millis / 60_000, "minute");
        } else if (millis % 1_000 == 0) {
            return counted(millis / 1_000, "second");
        }
        return counted(millis, "millisecond");
    }

    private static String counted(long count, String unit) {
        return count + " " + unit + (count == 1 ? "" : "s");
    }
}
