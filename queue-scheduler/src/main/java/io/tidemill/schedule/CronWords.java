package io.tidemill.schedule;

import java.time.DayOfWeek;
import java.time.Month;
import java.time.format.TextStyle;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;

/** Says in English what the fields of a cron expression mean. */
final class CronWords {

    /** So many times of the day are listed. Of more, the hours and the minutes are described. */
    private static final int MOST_TIMES = 6;

    private CronWords() {}

    static String describe(
            CronValues seconds,
            CronValues minutes,
            CronValues hours,
            CronValues daysOfMonth,
            CronValues months,
            CronValues daysOfWeek) {
        boolean timesOfDay = !hours.any() && seconds.count() * minutes.count() * hours.count() <= MOST_TIMES;
        List<String> words = new ArrayList<>();
        words.add(timesOfDay ? times(seconds, minutes, hours) : repetition(seconds, minutes, hours));
        String days = days(daysOfMonth, daysOfWeek);
        if (!days.isEmpty()) {
            words.add(days);
        } else if (timesOfDay) {
            words.add("every day");
        }
        if (!months.any()) {
            words.add("in "
                    + list(months, 1, 12, value -> Month.of(value).getDisplayName(TextStyle.FULL, Locale.ENGLISH)));
        }
        return String.join(" ", words);
    }

    private static String times(CronValues seconds, CronValues minutes, CronValues hours) {
        boolean withSeconds = seconds.bits() != 1;
        List<String> times = new ArrayList<>();
        for (int hour = hours.first(); hour >= 0; hour = hours.from(hour + 1)) {
            for (int minute = minutes.first(); minute >= 0; minute = minutes.from(minute + 1)) {
                for (int second = seconds.first(); second >= 0; second = seconds.from(second + 1)) {
                    String time = String.format(Locale.ROOT, "%02d:%02d", hour, minute);
                    times.add(withSeconds ? time + String.format(Locale.ROOT, ":%02d", second) : time);
                }
            }
        }
        return "at " + joined(times);
    }

    private static String repetition(CronValues seconds, CronValues minutes, CronValues hours) {
        List<String> words = new ArrayList<>();
        boolean everySecond = seconds.bits() != 1;
        if (everySecond) {
            words.add(part(seconds, "second", 59));
        }
        if (!everySecond || !minutes.any()) {
            words.add(part(minutes, "minute", 59));
        }
        boolean pointInHour = !everySecond && minutes.count() > 0 && !minutes.any() && minutes.step() == 0;
        if (!hours.any()) {
            words.add(hours.step() > 0 ? "of " + part(hours, "hour", 23) : range(hours));
        } else if (pointInHour) {
            words.add("of every hour");
        }
        return String.join(" ", words);
    }

    /** "every minute", "every 5 minutes", "every 15 minutes from minute 5", "at minutes 0 and 30". */
    private static String part(CronValues values, String unit, int max) {
        if (values.any()) {
            return "every " + unit;
        }
        if (values.step() > 0) {
            String every = values.step() == 1 ? "every " + unit : "every " + values.step() + " " + unit + "s";
            boolean even = values.first() == 0 && (max + 1) % values.step() == 0;
            return even ? every : every + " from " + unit + " " + values.first();
        }
        return "at " + unit + (values.count() == 1 ? " " : "s ") + list(values, 0, max, Integer::toString);
    }

    /** "from 09:00 to 17:59" where the hours follow one another, else "in hours 9, 12 and 15". */
    private static String range(CronValues hours) {
        int first = hours.first();
        int last = 63 - Long.numberOfLeadingZeros(hours.bits());
        if (last - first + 1 == hours.count()) {
            return String.format(Locale.ROOT, "from %02d:00 to %02d:59", first, last);
        }
        return "in hours " + list(hours, 0, 23, Integer::toString);
    }

    private static String days(CronValues daysOfMonth, CronValues daysOfWeek) {
        List<String> days = new ArrayList<>();
        if (!daysOfMonth.any() && daysOfMonth.count() > 0) {
            String numbers = list(daysOfMonth, 1, 31, Integer::toString);
            days.add("on day" + (daysOfMonth.count() == 1 ? " " : "s ") + numbers + " of the month");
        }
        daysOfMonth.special().forEach(special -> days.add("on " + special.describe()));
        if (!daysOfWeek.any() && daysOfWeek.count() > 0) {
            // From Monday to Sunday, so that Saturday and Sunday stand together.
            long mondayFirst = daysOfWeek.bits() >>> 1 | (daysOfWeek.bits() & 1) << 6;
            CronValues values = new CronValues(mondayFirst, List.of(), false, false, 0);
            days.add("on " + list(values, 0, 6, value -> SpecialDay.name(DayOfWeek.of(value + 1))));
        }
        daysOfWeek.special().forEach(special -> days.add("on " + special.describe()));
        return String.join(" or ", days);
    }

    /** "1, 5 and 10 to 20": three or more that follow one another are a range. */
    private static String list(CronValues values, int min, int max, IntFunction<String> name) {
        List<String> parts = new ArrayList<>();
        int value = values.from(min);
        while (value >= 0) {
            int last = value;
            while (last < max && values.has(last + 1)) {
                last++;
            }
            if (last - value >= 2) {
                parts.add(name.apply(value) + " to " + name.apply(last));
                value = values.from(last + 1);
            } else {
                parts.add(name.apply(value));
                value = values.from(value + 1);
            }
        }
        return joined(parts);
    }

    private static String joined(List<String> parts) {
        int last = parts.size() - 1;
        return last == 0 ? parts.get(0) : String.join(", ", parts.subList(0, last)) + " and " + parts.get(last);
    }
}
