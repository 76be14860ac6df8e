package io.tidemill.benchmarks;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** The arguments of a program: {@code -rounds 7 -appendonly everysec}. One or two dashes; unknown ones are refused. */
public final class Arguments {

    private final Map<String, String> values = new HashMap<>();

    private Arguments() {}

    /**
     * Reads them.
     *
     * @throws IllegalArgumentException if one is unknown or has no value
     */
    public static Arguments parse(String[] arguments, Set<String> known) {
        Arguments parsed = new Arguments();
        for (int i = 0; i < arguments.length; i += 2) {
            String name = arguments[i].replaceFirst("^--?", "");
            if (!known.contains(name) || i + 1 == arguments.length) {
                throw new IllegalArgumentException(
                        "expected -<option> <value> with one of " + known + ", got " + String.join(" ", arguments));
            }
            parsed.values.put(name, arguments[i + 1]);
        }
        return parsed;
    }

    /** A text. */
    public String text(String name, String otherwise) {
        return values.getOrDefault(name, otherwise);
    }

    /** A whole number, at least 0. */
    public int number(String name, int otherwise) {
        int number = Integer.parseInt(text(name, String.valueOf(otherwise)));
        if (number < 0) {
            throw new IllegalArgumentException("-" + name + " must be at least 0, got " + number);
        }
        return number;
    }

    /** A number of seconds, as nanoseconds. */
    public long nanos(String name, double otherwiseSeconds) {
        return (long) (Double.parseDouble(text(name, String.valueOf(otherwiseSeconds))) * 1e9);
    }
}
