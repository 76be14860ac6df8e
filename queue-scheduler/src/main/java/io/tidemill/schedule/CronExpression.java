package io.tidemill.schedule;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import org.jspecify.annotations.Nullable;

/**
 * The local times that a cron expression means, to the second. It knows no time zone.
 *
 * <p>The search goes time by time within a day, then day by day, and skips months that are not allowed. Two times are
 * at most 40 years apart: the fifth Monday of February needs a leap year that begins on a certain day, and 2100 is
 * none.
 */
record CronExpression(
        String text,
        CronValues seconds,
        CronValues minutes,
        CronValues hours,
        CronValues daysOfMonth,
        CronValues months,
        CronValues daysOfWeek) {

    private static final int LAST_YEAR = 9999;

    /** Whether the hours are {@code *} or a step without an end: the next time is a few hours away on any day. */
    boolean everyHour() {
        return hours.wildcard();
    }

    /** Whether it stands for an interval rather than for times of the day. */
    boolean isInterval() {
        return hours.wildcard() || minutes.wildcard();
    }

    /** The first allowed time after this one; null if there is none before the year 10,000. */
    @Nullable
    LocalDateTime after(LocalDateTime time) {
        LocalDate day = time.toLocalDate();
        if (allows(day)) {
            int second = secondOfDayFrom(time.toLocalTime().toSecondOfDay() + 1);
            if (second >= 0) {
                return day.atTime(LocalTime.ofSecondOfDay(second));
            }
        }
        LocalDate next = dayFrom(day.plusDays(1), LAST_YEAR);
        return next == null ? null : next.atTime(hours.first(), minutes.first(), seconds.first());
    }

    /** The first allowed time that is this one or later. */
    @Nullable
    LocalDateTime from(LocalDateTime time) {
        return after(time.minusSeconds(1));
    }

    /** The first allowed second of a day from this one on; -1 if there is none. */
    private int secondOfDayFrom(int secondOfDay) {
        int hour = secondOfDay / 3600;
        int minute = secondOfDay / 60 % 60;
        if (hours.has(hour)) {
            int second = minutes.has(minute) ? seconds.from(secondOfDay % 60) : -1;
            if (second >= 0) {
                return (hour * 60 + minute) * 60 + second;
            }
            minute = minutes.from(minute + 1);
            if (minute >= 0) {
                return (hour * 60 + minute) * 60 + seconds.first();
            }
        }
        hour = hours.from(hour + 1);
        return hour < 0 ? -1 : (hour * 60 + minutes.first()) * 60 + seconds.first();
    }

    private @Nullable LocalDate dayFrom(LocalDate first, int lastYear) {
        LocalDate day = first;
        while (day.getYear() <= lastYear) {
            if (!months.has(day.getMonthValue())) {
                day = day.withDayOfMonth(1).plusMonths(1);
            } else if (allows(day)) {
                return day;
            } else {
                day = day.plusDays(1);
            }
        }
        return null;
    }

    /** Where both fields for days are restricted, a day that either of them allows is allowed, as in every crontab. */
    private boolean allows(LocalDate day) {
        if (!months.has(day.getMonthValue())) {
            return false;
        }
        if (daysOfWeek.any()) {
            return allowsDayOfMonth(day);
        }
        return allowsDayOfWeek(day) || (!daysOfMonth.any() && allowsDayOfMonth(day));
    }

    private boolean allowsDayOfMonth(LocalDate day) {
        return daysOfMonth.has(day.getDayOfMonth()) || isSpecial(daysOfMonth, day);
    }

    private boolean allowsDayOfWeek(LocalDate day) {
        return daysOfWeek.has(day.getDayOfWeek().getValue() % 7) || isSpecial(daysOfWeek, day);
    }

    private static boolean isSpecial(CronValues values, LocalDate day) {
        for (SpecialDay special : values.special()) {
            if (special.matches(day)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether there is such a day in any year. The days of a year depend on its first day of the week and on whether it
     * is a leap year; 28 years in a row have all 14 kinds.
     */
    boolean everFires() {
        return dayFrom(LocalDate.of(2001, 1, 1), 2028) != null;
    }

    /** In words, without the time zone: "at 02:00 on Monday". */
    String describe() {
        return CronWords.describe(seconds, minutes, hours, daysOfMonth, months, daysOfWeek);
    }
}
