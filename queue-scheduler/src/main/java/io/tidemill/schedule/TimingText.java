package io.tidemill.schedule;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;

/**
 * Writes a {@link Timing} as one line: {@code cron Europe/Berlin 0 2 * * *}, {@code every 600000 0} or {@code once
 * 1795212339800}, and its bounds as {@code start end jitter}. All times are ms.
 */
final class TimingText {

    private static final long NO_END = -1;

    private TimingText() {}

    static String of(Timing timing) {
        return timing.times().line();
    }

    static Timing parse(String line) {
        String[] parts = line.split(" ", 3);
        if (parts.length < 2) {
            throw new IllegalArgumentException("\"" + line + "\" is no timing");
        }
        return switch (parts[0]) {
            case "cron" -> Timing.cron(parts.length == 3 ? parts[2] : "", ZoneId.of(parts[1]));
            case "every" ->
                Timing.every(Duration.ofMillis(Long.parseLong(parts[1])), time(parts.length == 3 ? parts[2] : "0"));
            case "once" -> Timing.once(time(parts[1]));
            default -> throw new IllegalArgumentException("timing \"" + parts[0] + "\" is not known here");
        };
    }

    /** Empty if there are none. */
    static String bounds(Timing timing) {
        boolean hasEnd = timing.end().isBefore(Instant.MAX);
        if (timing.start().equals(Instant.EPOCH) && !hasEnd && timing.jitter().isZero()) {
            return "";
        }
        return timing.start().toEpochMilli() + " " + (hasEnd ? timing.end().toEpochMilli() : NO_END) + " "
                + timing.jitter().toMillis();
    }

    static Timing within(Timing timing, String bounds) {
        String[] parts = bounds.split(" ", 3);
        if (parts.length != 3) {
            throw new IllegalArgumentException("\"" + bounds + "\" are no bounds of a timing");
        }
        Timing bounded = timing.startingAt(time(parts[0])).jitter(Duration.ofMillis(Long.parseLong(parts[2])));
        return Long.parseLong(parts[1]) == NO_END ? bounded : bounded.endingBefore(time(parts[1]));
    }

    private static Instant time(String text) {
        return Instant.ofEpochMilli(Long.parseLong(text));
    }
}
