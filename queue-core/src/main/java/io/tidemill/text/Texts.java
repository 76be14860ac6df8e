package io.tidemill.text;

import java.time.Duration;
import java.util.Locale;

/** How numbers and durations are written in messages and logs: the same everywhere. */
public final class Texts {

    private Texts() {}

    /** A number and what it counts, a noun that takes an s: {@code "1 job"}, {@code "1,204 jobs"}. */
    public static String count(long number, String noun) {
        return String.format(Locale.ROOT, "%,d %s%s", number, noun, number == 1 ? "" : "s");
    }

    /**
     * A duration in units down to ms, those that are 0 left out: {@code "1 min 30 s"}, {@code "250 ms"}, {@code "0 s"}.
     */
    public static String duration(Duration duration) {
        if (duration.isNegative()) {
            boolean hasOpposite = duration.toSeconds() != Long.MIN_VALUE;
            return "-" + duration(hasOpposite ? duration.negated() : Duration.ofSeconds(Long.MAX_VALUE));
        }
        StringBuilder text = new StringBuilder();
        add(text, duration.toDaysPart(), " d");
        add(text, duration.toHoursPart(), " h");
        add(text, duration.toMinutesPart(), " min");
        add(text, duration.toSecondsPart(), " s");
        add(text, duration.toMillisPart(), " ms");
        if (text.isEmpty()) {
            return duration.isZero() ? "0 s" : duration.toNanos() + " ns";
        }
        return text.toString();
    }

    /** As {@link #duration(Duration)}, of so many ms. */
    public static String millis(long millis) {
        return duration(Duration.ofMillis(millis));
    }

    private static void add(StringBuilder text, long amount, String unit) {
        if (amount > 0) {
            text.append(text.isEmpty() ? "" : " ").append(amount).append(unit);
        }
    }

    /** Where the last line feed stands; -1 if there is none. */
    public static int lastLineFeed(byte[] text) {
        int at = text.length - 1;
        while (at >= 0 && text[at] != '\n') {
            at--;
        }
        return at;
    }
}
