package io.tidemill.text;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads durations as people write them and keeps them in range: at most 10 years, so that no sum can overflow. */
public final class Durations {

    /** Longest duration that is accepted anywhere: 3,650 days. */
    public static final Duration MAX = Duration.ofDays(3650);

    private static final Pattern SIMPLE = Pattern.compile("(\\d{1,12})(ms|s|m|h|d)");

    private Durations() {}

    /**
     * Reads {@code "250ms"}, {@code "30s"}, {@code "5m"}, {@code "2h"}, {@code "7d"} or an ISO 8601 duration such as
     * {@code "PT1M30S"}.
     *
     * @throws IllegalArgumentException if it is none of these, negative or longer than 10 years
     */
    public static Duration parse(String what, String text) {
        Matcher simple = SIMPLE.matcher(text);
        if (simple.matches()) {
            long amount = Long.parseLong(simple.group(1));
            Duration unit = switch (simple.group(2)) {
                case "ms" -> Duration.ofMillis(1);
                case "s" -> Duration.ofSeconds(1);
                case "m" -> Duration.ofMinutes(1);
                case "h" -> Duration.ofHours(1);
                default -> Duration.ofDays(1);
            };
            return check(what, unit.multipliedBy(amount));
        }
        try {
            return check(what, Duration.parse(text));
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(what
                    + " must be like \"250ms\", \"30s\", \"5m\", \"2h\", \"7d\" or \"PT1M30S\", got \"" + text + "\"");
        }
    }

    /**
     * Returns the duration, checked to be zero or more and at most 10 years.
     *
     * @throws IllegalArgumentException if it is not
     */
    public static Duration check(String what, Duration duration) {
        Objects.requireNonNull(duration, () -> what + " must not be null");
        if (duration.isNegative() || duration.compareTo(MAX) > 0) {
            throw new IllegalArgumentException(
                    what + " must be between 0 and 10 years, got " + Texts.duration(duration));
        }
        return duration;
    }

    /**
     * Returns the duration, checked to be at least 1 ms and at most 10 years.
     *
     * @throws IllegalArgumentException if it is not
     */
    public static Duration checkPositive(String what, Duration duration) {
        Objects.requireNonNull(duration, () -> what + " must not be null");
        if (duration.compareTo(Duration.ofMillis(1)) < 0 || duration.compareTo(MAX) > 0) {
            throw new IllegalArgumentException(
                    what + " must be between 1 ms and 10 years, got " + Texts.duration(duration));
        }
        return duration;
    }
}
