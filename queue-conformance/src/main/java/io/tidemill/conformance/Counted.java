package io.tidemill.conformance;

import io.tidemill.queue.QueueCounts;
import io.tidemill.queue.QueueCounts.Count;
import java.util.EnumMap;
import java.util.Map;

/** Counts for comparisons, in the order of {@link Count}; those that are left out are 0. */
final class Counted {

    private Counted() {}

    static QueueCounts counted(long... counts) {
        Map<Count, Long> all = new EnumMap<>(Count.class);
        for (int i = 0; i < counts.length; i++) {
            all.put(Count.values()[i], counts[i]);
        }
        return QueueCounts.of(all);
    }
}
