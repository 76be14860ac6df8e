package io.tidemill.redis;

import io.tidemill.queue.HistoryCounts;
import io.tidemill.queue.HistoryCounts.Count;
import io.tidemill.queue.HistoryRange;
import io.tidemill.queue.QueueHistory;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How counts of a history are written: a letter for each that is not 0, and its number. */
final class HistoryWords {

    private static final Map<Count, Character> LETTERS = Map.of(
            Count.ENQUEUED, 'e',
            Count.SUCCEEDED, 's',
            Count.FAILED, 'f',
            Count.DEAD, 'd',
            Count.RETRIED, 'r',
            Count.LOST_LEASES, 'l',
            Count.RUN_MILLIS, 't');

    private static final Pattern WORD = Pattern.compile("([a-z])([0-9]{1,18})");

    private HistoryWords() {}

    static String write(HistoryCounts counts) {
        StringBuilder words = new StringBuilder();
        counts.all().forEach((count, value) -> {
            if (value > 0) {
                words.append(LETTERS.get(count)).append(value);
            }
        });
        return words.toString();
    }

    /** The beginning of the fields in which the periods of this range are. */
    static String letter(HistoryRange range) {
        return range == HistoryRange.DAY ? "m" : "h";
    }

    /** How many periods are in a field: an hour has 12 of 5 minutes, a day has 24 hours. */
    private static int inField(HistoryRange range) {
        return range == HistoryRange.DAY ? 12 : 24;
    }

    static QueueHistory read(HistoryRange range, Reply reply) {
        Map<Long, HistoryCounts> periods = new HashMap<>();
        for (int i = reply.first("fields"); i < reply.size(); i++) {
            String[] parts = reply.text(i).split(" ", -1);
            for (int j = 1; j < parts.length; j++) {
                String[] period = parts[j].split(":", 2);
                long number = Long.parseLong(parts[0]) * inField(range) + Long.parseLong(period[0]);
                periods.merge(number, counts(period[1]), HistoryCounts::plus);
            }
        }
        return QueueHistory.of(range, reply.serverMillis(), periods);
    }

    /** Letters of later versions are left out. */
    private static HistoryCounts counts(String words) {
        Map<Character, Long> values = new HashMap<>();
        for (Matcher word = WORD.matcher(words); word.find(); ) {
            values.put(word.group(1).charAt(0), Long.parseLong(word.group(2)));
        }
        Map<Count, Long> counts = new EnumMap<>(Count.class);
        LETTERS.forEach((count, letter) -> counts.put(count, values.getOrDefault(letter, 0L)));
        return HistoryCounts.of(counts);
    }
}
