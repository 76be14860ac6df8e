package io.tidemill.conformance;

import io.tidemill.queue.QueueCounts;
import io.tidemill.queue.QueueCounts.Count;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.Map;

/** Counts for comparisons, in the order of {@link Count}; those that are left out are 0. */
final class Counted {

    private Counted() {}

    static QueueCounts counted(long... counts) {
        Map<Count, Long> all = new EnumMap<>(Count.class);
        Iterator<Count> next = EnumSet.allOf(Count.class).iterator();
        for (long count : counts) {
            all.put(next.next(), count);
        }
        return QueueCounts.of(all);
    }
}
