package io.tidemill.schedule;

import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.format.TextStyle;
import java.util.Locale;

/** Days of a month that a number alone cannot name: what {@code L}, {@code W} and {@code #} mean. */
sealed interface SpecialDay {

    boolean matches(LocalDate date);

    /** As part of a sentence: "the last day of the month". */
    String describe();

    /** {@code L}, and {@code L-3} for three days before it. */
    record LastDay(int daysBefore) implements SpecialDay {
        @Override
        public boolean matches(LocalDate date) {
            return date.getDayOfMonth() == date.lengthOfMonth() - daysBefore;
        }

        @Override
        public String describe() {
            return switch (daysBefore) {
                case 0 -> "the last day of the month";
                case 1 -> "1 day before the last day of the month";
                default -> daysBefore + " days before the last day of the month";
            };
        }
    }

    /** {@code LW}: the last day of the month from Monday to Friday. */
    record LastWorkday() implements SpecialDay {
        @Override
        public boolean matches(LocalDate date) {
            return date.equals(workdayNearest(date.withDayOfMonth(date.lengthOfMonth())));
        }

        @Override
        public String describe() {
            return "the last workday of the month";
        }
    }

    /** {@code 15W}: the day from Monday to Friday in the same month that is nearest to the 15th. */
    record NearestWorkday(int day) implements SpecialDay {
        @Override
        public boolean matches(LocalDate date) {
            return day <= date.lengthOfMonth() && date.equals(workdayNearest(date.withDayOfMonth(day)));
        }

        @Override
        public String describe() {
            return "the workday nearest to day " + day + " of the month";
        }
    }

    /** {@code 5L}: the last Friday of the month. */
    record LastOf(DayOfWeek weekday) implements SpecialDay {
        @Override
        public boolean matches(LocalDate date) {
            return date.getDayOfWeek() == weekday && date.getDayOfMonth() > date.lengthOfMonth() - 7;
        }

        @Override
        public String describe() {
            return "the last " + name(weekday) + " of the month";
        }
    }

    /** {@code 5#3}: the third Friday of the month. */
    record NthOf(DayOfWeek weekday, int n) implements SpecialDay {
        @Override
        public boolean matches(LocalDate date) {
            return date.getDayOfWeek() == weekday && (date.getDayOfMonth() + 6) / 7 == n;
        }

        @Override
        public String describe() {
            String nth = switch (n) {
                case 1 -> "first";
                case 2 -> "second";
                case 3 -> "third";
                case 4 -> "fourth";
                default -> "fifth";
            };
            return "the " + nth + " " + name(weekday) + " of the month";
        }
    }

    static String name(DayOfWeek weekday) {
        return weekday.getDisplayName(TextStyle.FULL, Locale.ENGLISH);
    }

    /** The day itself from Monday to Friday; else the nearest such day that does not leave the month. */
    private static LocalDate workdayNearest(LocalDate day) {
        return switch (day.getDayOfWeek()) {
            case SATURDAY -> day.getDayOfMonth() == 1 ? day.plusDays(2) : day.minusDays(1);
            case SUNDAY -> day.getDayOfMonth() == day.lengthOfMonth() ? day.minusDays(2) : day.plusDays(1);
            default -> day;
        };
    }
}
