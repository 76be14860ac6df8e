package io.tidemill.schedule;

import io.tidemill.schedule.SpecialDay.LastDay;
import io.tidemill.schedule.SpecialDay.LastOf;
import io.tidemill.schedule.SpecialDay.LastWorkday;
import io.tidemill.schedule.SpecialDay.NearestWorkday;
import io.tidemill.schedule.SpecialDay.NthOf;
import java.time.DayOfWeek;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringTokenizer;

/**
 * Reads cron expressions. Work and memory are bounded by the longest expression, 256 characters, and by 64 parts per
 * field.
 *
 * <p>Called by one thread, for one expression.
 */
final class CronParser {

    static final int MAX_LENGTH = 256;
    static final int MAX_PARTS = 64;

    private static final Map<String, String> NICKNAMES = Map.of(
            "@yearly", "0 0 1 1 *",
            "@annually", "0 0 1 1 *",
            "@monthly", "0 0 1 * *",
            "@weekly", "0 0 * * 0",
            "@daily", "0 0 * * *",
            "@midnight", "0 0 * * *",
            "@hourly", "0 * * * *");

    private final String expression;

    // Of the field that is being read.
    private CronField field = CronField.SECOND;
    private String text = "";
    private long bits;
    private final List<SpecialDay> special = new ArrayList<>();
    private boolean any;
    private boolean wildcard;
    private int step;

    private CronParser(String expression) {
        this.expression = expression;
    }

    /**
     * Reads an expression of five fields, of six with seconds first, or a nickname.
     *
     * @throws IllegalArgumentException if it is none; the message names the field, its text and the reason
     */
    static CronExpression parse(String expression) {
        checkCharacters(expression);
        String trimmed = expression.strip();
        return new CronParser(trimmed).read();
    }

    private static void checkCharacters(String expression) {
        if (expression.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "A cron expression may have " + MAX_LENGTH + " characters at most, got " + expression.length());
        }
        for (int i = 0; i < expression.length(); i++) {
            char c = expression.charAt(i);
            if (c != '\t' && (c < ' ' || c > '~')) {
                throw new IllegalArgumentException(String.format(
                        "A cron expression may hold only letters, digits, spaces and * ? , - / # @, but has U+%04X at"
                                + " position %d",
                        (int) c, i));
            }
        }
    }

    private CronExpression read() {
        String fields = expression.startsWith("@") ? nickname() : expression;
        List<String> texts = words(fields);
        if (texts.size() < 5 || texts.size() > 6) {
            throw new IllegalArgumentException("Cron \"" + expression
                    + "\" must have 5 fields (minute, hour, day of month, month, day of week) or 6 (second before"
                    + " them), got "
                    + texts.size());
        }
        if (texts.get(0).contains("=")) {
            throw new IllegalArgumentException("Cron \"" + expression + "\" sets a variable (\"" + texts.get(0)
                    + "\"), which is not supported; pass the time zone beside the expression");
        }
        Iterator<String> rest = texts.iterator();
        CronValues seconds = texts.size() == 6 ? read(CronField.SECOND, rest.next()) : CronValues.only(0);
        CronValues minutes = read(CronField.MINUTE, rest.next());
        CronValues hours = read(CronField.HOUR, rest.next());
        String dayText = rest.next();
        CronValues daysOfMonth = read(CronField.DAY_OF_MONTH, dayText);
        String monthText = rest.next();
        CronValues months = read(CronField.MONTH, monthText);
        CronValues daysOfWeek = read(CronField.DAY_OF_WEEK, rest.next());
        CronExpression result =
                new CronExpression(expression, seconds, minutes, hours, daysOfMonth, months, daysOfWeek);
        if (!result.everFires()) {
            field = CronField.DAY_OF_MONTH;
            text = dayText;
            throw refused("no month of \"" + monthText + "\" ever has this day, so it would never fire");
        }
        return result;
    }

    private static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        StringTokenizer tokens = new StringTokenizer(text, " \t");
        while (tokens.hasMoreTokens()) {
            words.add(tokens.nextToken());
        }
        return words;
    }

    private String nickname() {
        String lower = expression.toLowerCase(Locale.ROOT);
        String fields = NICKNAMES.get(lower);
        if (fields != null) {
            return fields;
        }
        String remedy = lower.startsWith("@every")
                ? "for a fixed interval use Timing.every(..)"
                : "known are "
                        + String.join(", ", NICKNAMES.keySet().stream().sorted().toList());
        throw new IllegalArgumentException("Cron \"" + expression + "\" is not a known nickname; " + remedy);
    }

    private CronValues read(CronField next, String value) {
        field = next;
        text = value.toUpperCase(Locale.ROOT);
        bits = 0;
        special.clear();
        any = text.equals("*") || text.equals("*/1") || text.equals("?");
        wildcard = false;
        step = 0;
        String[] parts = text.split(",", -1);
        if (parts.length > MAX_PARTS) {
            throw refused("has " + parts.length + " parts, " + MAX_PARTS + " at most");
        }
        for (String part : parts) {
            readPart(part);
        }
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

    /** Reads {@code *}, {@code 5}, {@code 1-5}, and each with a step: {@code *}{@code /2}, {@code 5/15}, {@code 1-5/2}. */
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
        return new IllegalArgumentException(
                "Cron \"" + expression + "\": " + field.label() + " \"" + text + "\" is refused: " + reason);
    }
}
