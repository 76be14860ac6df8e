package io.tidemill.broker.memory;

import io.tidemill.queue.HistoryCounts;
import io.tidemill.queue.HistoryRange;
import io.tidemill.queue.QueueHistory;
import java.util.EnumMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** What happened in one queue, by period. Holds no period that is out of its range. Used under the queue's lock. */
final class CountedPeriods {

    private final Map<HistoryRange, NavigableMap<Long, HistoryCounts>> ranges = new EnumMap<>(HistoryRange.class);

    CountedPeriods() {
        for (HistoryRange range : HistoryRange.values()) {
            ranges.put(range, new TreeMap<>());
        }
    }

    void add(HistoryCounts counts, long now) {
        ranges.forEach((range, periods) -> {
            forgetOld(range, periods, now);
            if (!counts.isNone()) {
                periods.merge(range.numberAt(now), counts, HistoryCounts::plus);
            }
        });
    }

    QueueHistory read(HistoryRange range, long now) {
        return QueueHistory.of(range, now, ranges.getOrDefault(range, new TreeMap<>()));
    }

    boolean isEmpty(long now) {
        ranges.forEach((range, periods) -> forgetOld(range, periods, now));
        return ranges.values().stream().allMatch(Map::isEmpty);
    }

    void clear() {
        ranges.values().forEach(Map::clear);
    }

    private static void forgetOld(HistoryRange range, NavigableMap<Long, HistoryCounts> periods, long now) {
        periods.headMap(range.numberAt(now) - range.periods(), true).clear();
    }
}
