package io.tidemill.schedule;

import io.tidemill.schedule.SpecialDay.LastDay;
import io.tidemill.schedule.SpecialDay.LastOf;
import io.tidemill.schedule.SpecialDay.LastWorkday;
import io.tidemill.schedule.SpecialDay.NearestWorkday;
import io.tidemill.schedule.SpecialDay.NthOf;
import java.time.DayOfWeek;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Reads one field of a cron expression, part by part, and gathers what the parts allow.
 *
 * <p>Called by one thread, for one field.
 */
final class CronFieldParser {

    private static final int MAX_PARTS = 64;

    private final String expression;
    private final CronField field;
    private final String text;

    private long bits;
    private final List<SpecialDay> special = new ArrayList<>();
    private boolean wildcard;
    private int step;

    private CronFieldParser(String expression, CronField field, String text) {
        this.expression = expression;
        this.field = field;
        this.text = text.toUpperCase(Locale.ROOT);
    }

    /**
     * Reads the text of a field.
     *
     * @param expression the whole expression, for the error
     * @throws IllegalArgumentException if it is not allowed in this field
     */
    static CronValues parse(String expression, CronField field, String text) {
        return new CronFieldParser(expression, field, text).read();
    }

    private CronValues read() {
        String[] parts = text.split(",", -1);
        if (parts.length > MAX_PARTS) {
            throw refused("has " + parts.length + " parts, " + MAX_PARTS + " at most");
        }
        for (String part : parts) {
            readPart(part);
        }
        boolean any = text.equals("*") || text.equals("*/1") || text.equals("?");
        return new CronValues(bits, special, any, wildcard, parts.length == 1 ? step : 0);
    }

    private void readPart(String part) {
        if (part.isEmpty()) {
            throw refused("has an empty part");
        } else if (part.equals("?")) {
            readQuestionMark();
        } else if (field == CronField.DAY_OF_MONTH && part.startsWith("L")) {
            special.add(lastDay(part));
        } else if (field == CronField.DAY_OF_MONTH && part.endsWith("W")) {
            special.add(new NearestWorkday(number(part.substring(0, part.length() - 1))));
        } else if (field == CronField.DAY_OF_WEEK && part.endsWith("L")) {
            special.add(lastWeekday(part));
        } else if (field == CronField.DAY_OF_WEEK && part.contains("#")) {
            special.add(nthWeekday(part));
        } else {
            readRange(part);
        }
    }

    private void readQuestionMark() {
        if (!field.isDay() || !text.equals("?")) {
            throw refused("? may stand only alone, as day of month or as day of week; write *");
        }
        add(field.min(), field.last(), 1);
    }

    private SpecialDay lastDay(String part) {
        if (part.equals("L")) {
            return new LastDay(0);
        }
        if (part.equals("LW")) {
            return new LastWorkday();
        }
        if (!part.startsWith("L-")) {
            throw refused("\"" + part + "\" is unknown; with L there are L, LW and L-3");
        }
        int before = digits(part.substring(2));
        if (before < 1 || before > 30) {
            throw refused("\"" + part + "\" must go back 1 to 30 days");
        }
        return new LastDay(before);
    }

    private SpecialDay lastWeekday(String part) {
        if (part.equals("L")) {
            throw refused("L alone means different days to different programs; write 6 for Saturdays,"
                    + " or 6L for the last Saturday of the month");
        }
        return new LastOf(weekday(part.substring(0, part.length() - 1)));
    }

    private SpecialDay nthWeekday(String part) {
        int hash = part.indexOf('#');
        int n = digits(part.substring(hash + 1));
        if (n < 1 || n > 5) {
            throw refused("\"" + part + "\" must have a number from 1 to 5 after #");
        }
        return new NthOf(weekday(part.substring(0, hash)), n);
    }

    private DayOfWeek weekday(String name) {
        int number = number(name);
        return DayOfWeek.of(number == 0 ? 7 : number);
    }

    /**
     * Reads {@code *}, {@code 5}, {@code 1-5}, and each with a step: {@code *}{@code /2}, {@code 5/15}, {@code 1-5/2}.
     */
    private void readRange(String part) {
        int slash = part.indexOf('/');
        String range = slash < 0 ? part : part.substring(0, slash);
        int every = slash < 0 ? 1 : step(part.substring(slash + 1));
        if (range.equals("*")) {
            add(field.min(), field.last(), every);
            wildcard = true;
            step = every == 1 ? 0 : every;
            return;
        }
        int dash = range.indexOf('-');
        int first = number(dash < 0 ? range : range.substring(0, dash));
        if (dash >= 0) {
            add(first, end(first, range.substring(dash + 1), range), every);
        } else if (slash >= 0) {
            refuseOpenStepOfWeekdays(range, every);
            add(first, field.max(), every);
            wildcard = true;
            step = every;
        } else {
            add(first, first, 1);
        }
    }

    /** Whether Sunday ends the week of {@code 1/2} or begins the next one is not agreed between programs. */
    private void refuseOpenStepOfWeekdays(String first, int every) {
        if (field == CronField.DAY_OF_WEEK) {
            throw refused("a step needs the last day as well; write " + first + "-6/" + every + " or " + first + "-7/"
                    + every);
        }
    }

    private int end(int first, String name, String range) {
        int last = number(name);
        if (field == CronField.DAY_OF_WEEK && last == 0 && first > 0) {
            return 7;
        }
        if (last < first) {
            throw refused("range " + range + " goes backwards; write " + range.substring(0, range.indexOf('-')) + "-"
                    + field.max() + "," + field.min() + "-" + name);
        }
        return last;
    }

    private int step(String digits) {
        int largest = field.last() - field.min();
        int value = digits(digits);
        if (value < 1 || value > largest) {
            throw refused("step must be a number from 1 to " + largest + ", got \"" + digits + "\"");
        }
        return value;
    }

    private void add(int first, int last, int every) {
        for (int i = first; i <= last; i += every) {
            bits |= 1L << (field == CronField.DAY_OF_WEEK ? i % 7 : i);
        }
    }

    /** The number, or the number that the name stands for. */
    private int number(String name) {
        int named = field.named(name);
        if (named >= 0) {
            return named;
        }
        int value = digits(name);
        if (value < field.min() || value > field.max()) {
            String names = field.hasNames() ? " or a name such as " + example() : "";
            throw refused("\"" + name + "\" is not a number from " + field.min() + " to " + field.max() + names);
        }
        return value;
    }

    private String example() {
        return field == CronField.MONTH ? "JAN" : "MON";
    }

    /** The number that the digits say; -1 if they are none or more than four. */
    private static int digits(String digits) {
        if (digits.isEmpty() || digits.length() > 4) {
            return -1;
        }
        int value = 0;
        for (int i = 0; i < digits.length(); i++) {
            char c = digits.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            value = value * 10 + (c - '0');
        }
        return value;
    }

    private IllegalArgumentException refused(String reason) {
        return refused(expression, field, text, reason);
    }

    /** Names the expression, the field, its text and the reason. */
    static IllegalArgumentException refused(String expression, CronField field, String text, String reason) {
        return new IllegalArgumentException(
                "Cron \"" + expression + "\": " + field.label() + " \"" + text + "\" is refused: " + reason);
    }
}
