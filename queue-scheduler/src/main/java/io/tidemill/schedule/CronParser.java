package io.tidemill.schedule;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringTokenizer;

/**
 * Reads cron expressions: splits them into fields, and leaves each of them to {@link CronFieldParser}. Work and memory
 * are bounded by the longest expression, 256 characters, and by 64 parts of a field.
 */
final class CronParser {

    static final int MAX_LENGTH = 256;

    private static final Map<String, String> NICKNAMES = Map.of(
            "@yearly", "0 0 1 1 *",
            "@annually", "0 0 1 1 *",
            "@monthly", "0 0 1 * *",
            "@weekly", "0 0 * * 0",
            "@daily", "0 0 * * *",
            "@midnight", "0 0 * * *",
            "@hourly", "0 * * * *");

    private CronParser() {}

    /**
     * Reads an expression of five fields, of six with seconds first, or a nickname.
     *
     * @throws IllegalArgumentException if it is none; the message names the field, its text and the reason
     */
    static CronExpression parse(String expression) {
        checkCharacters(expression);
        return read(expression.strip());
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
                        Locale.ROOT,
                        "A cron expression may hold only letters, digits, spaces and * ? , - / # @, but has U+%04X at"
                                + " position %d",
                        (int) c,
                        i));
            }
        }
    }

    private static CronExpression read(String expression) {
        String fields = expression.startsWith("@") ? nickname(expression) : expression;
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
        CronValues seconds = texts.size() == 6
                ? CronFieldParser.parse(expression, CronField.SECOND, rest.next())
                : CronValues.only(0);
        CronValues minutes = CronFieldParser.parse(expression, CronField.MINUTE, rest.next());
        CronValues hours = CronFieldParser.parse(expression, CronField.HOUR, rest.next());
        String dayText = rest.next();
        CronValues daysOfMonth = CronFieldParser.parse(expression, CronField.DAY_OF_MONTH, dayText);
        String monthText = rest.next();
        CronValues months = CronFieldParser.parse(expression, CronField.MONTH, monthText);
        CronValues daysOfWeek = CronFieldParser.parse(expression, CronField.DAY_OF_WEEK, rest.next());
        CronExpression result =
                new CronExpression(expression, seconds, minutes, hours, daysOfMonth, months, daysOfWeek);
        if (!result.everFires()) {
            throw CronFieldParser.refused(
                    expression,
                    CronField.DAY_OF_MONTH,
                    dayText,
                    "no month of \"" + monthText + "\" ever has this day, so it would never fire");
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

    private static String nickname(String expression) {
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
}
