package io.tidemill.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What happened in a queue in the last 24 hours, or in the last 30 days, period by period: what a page draws.
 *
 * <p>Immutable.
 */
public final class QueueHistory {

    /**
     * A part of a history.
     *
     * @param start when it began
     * @param counts what happened in it
     */
    public record Period(Instant start, HistoryCounts counts) {}

    private final HistoryRange range;
    private final List<Period> periods;

    private QueueHistory(HistoryRange range, List<Period> periods) {
        this.range = range;
        this.periods = List.copyOf(periods);
    }

    /**
     * For those who write brokers: a history up to now.
     *
     * @param nowMillis the broker's time, ms since 1970
     * @param counts by {@link HistoryRange#numberAt}; what is not in the range is left out
     */
    public static QueueHistory of(HistoryRange range, long nowMillis, Map<Long, HistoryCounts> counts) {
        long last = range.numberAt(nowMillis);
        List<Period> periods = new ArrayList<>(range.periods());
        for (long number = last - range.periods() + 1; number <= last; number++) {
            Instant start = Instant.ofEpochMilli(number * range.period().toMillis());
            periods.add(new Period(start, counts.getOrDefault(number, HistoryCounts.NONE)));
        }
        return new QueueHistory(range, periods);
    }

    /** How far it reaches back. */
    public HistoryRange range() {
        return range;
    }

    /** All periods, the oldest first, also those in which nothing happened. The last one is not over yet. */
    public List<Period> periods() {
        return periods;
    }

    /** All periods together. */
    public HistoryCounts total() {
        return periods.stream().map(Period::counts).reduce(HistoryCounts.NONE, HistoryCounts::plus);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof QueueHistory that && range == that.range && periods.equals(that.periods);
    }

    @Override
    public int hashCode() {
        return periods.hashCode();
    }

    @Override
    public String toString() {
        return "QueueHistory " + range + " " + total();
    }
}
