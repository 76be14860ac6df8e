package io.tidemill.queue;

import io.tidemill.lint.CheckReturnValue;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How many jobs a queue holds, by state, and how many it has seen.
 *
 * <p>Immutable.
 */
@CheckReturnValue
public final class QueueCounts {

    /** What is counted. Cases may be added in later releases: a {@code switch} needs a {@code default} branch. */
    public enum Count {
        /** May be claimed now. */
        READY,
        /** Delayed, or waiting for another try. */
        SCHEDULED,
        /** Under a lease. */
        ACTIVE,
        /** Given up and kept. */
        DEAD,
        /** Ever stored. */
        ACCEPTED,
        /** Ever succeeded. */
        SUCCEEDED,
        /** Ever cancelled. */
        CANCELLED,
        /** Ever expired. */
        EXPIRED,
        /** Ever taken out: deleted, purged, or dead and trimmed. */
        REMOVED,
        /** Succeeded and kept; those that were deleted or forgotten since count as succeeded only. */
        KEPT,
        /** Ready, and held back by a limit just now; they count as ready as well. */
        HELD,
        /** Wait until other jobs have filled their places. */
        WAITING
    }

    /** Of all that is counted, in that order. */
    private final Map<Count, Long> counts = new EnumMap<>(Count.class);

    private QueueCounts(Map<Count, Long> known) {
        for (Count count : Count.values()) {
            counts.put(count, known.getOrDefault(count, 0L));
        }
    }

    /** For those who write brokers: these counts. What is not named is 0. */
    public static QueueCounts of(Map<Count, Long> counts) {
        return new QueueCounts(counts);
    }

    /** Jobs that may be claimed now. */
    public long ready() {
        return get(Count.READY);
    }

    /** Jobs that are delayed, or wait for another try. */
    public long scheduled() {
        return get(Count.SCHEDULED);
    }

    /** Jobs under a lease. */
    public long active() {
        return get(Count.ACTIVE);
    }

    /** Jobs that were given up and are kept. */
    public long dead() {
        return get(Count.DEAD);
    }

    /** Jobs that were ever stored. */
    public long accepted() {
        return get(Count.ACCEPTED);
    }

    /** Jobs that ever succeeded. */
    public long succeeded() {
        return get(Count.SUCCEEDED);
    }

    /** Jobs that were ever cancelled. */
    public long cancelled() {
        return get(Count.CANCELLED);
    }

    /** Jobs that ever expired. */
    public long expired() {
        return get(Count.EXPIRED);
    }

    /** Jobs that were ever taken out: deleted, purged, or dead and trimmed. */
    public long removed() {
        return get(Count.REMOVED);
    }

    /** Jobs that succeeded and are kept; those that were deleted or forgotten since count as succeeded only. */
    public long kept() {
        return get(Count.KEPT);
    }

    /**
     * Ready jobs that limits hold back: all of them while a limit of the queue as a whole is reached, else those of
     * groups that a claim came across and that have to wait. They count as ready as well. Jobs of a group that ended
     * while they were ready may be among them, and of more than 1,000 such groups those of 1,000 are counted.
     */
    public long held() {
        return get(Count.HELD);
    }

    /** Jobs that wait until other jobs have filled their places. */
    public long waiting() {
        return get(Count.WAITING);
    }

    /** One of the counts. */
    public long get(Count count) {
        return counts.getOrDefault(count, 0L);
    }

    /** All of them, in the order of {@link Count}; cannot be changed. */
    public Map<Count, Long> all() {
        return Collections.unmodifiableMap(counts);
    }

    /** The counts of two queues together. */
    public QueueCounts plus(QueueCounts other) {
        QueueCounts sum = new QueueCounts(counts);
        other.counts.forEach((count, more) -> sum.counts.merge(count, more, Long::sum));
        return sum;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof QueueCounts that && counts.equals(that.counts);
    }

    @Override
    public int hashCode() {
        return counts.hashCode();
    }

    @Override
    public String toString() {
        return "QueueCounts" + counts;
    }
}
