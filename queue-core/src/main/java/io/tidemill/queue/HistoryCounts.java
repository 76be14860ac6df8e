package io.tidemill.queue;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What happened to the jobs of a queue within some time, over all processes.
 *
 * <p>Immutable.
 */
public final class HistoryCounts {

    /** What is counted. Cases may be added in later releases: a {@code switch} needs a {@code default} branch. */
    public enum Count {
        /** Jobs that were stored. */
        ENQUEUED,
        /** Jobs that succeeded. */
        SUCCEEDED,
        /** Runs that failed: tried again, or the job is dead. */
        FAILED,
        /** Jobs that were given up. */
        DEAD,
        /** Runs that failed and are tried again. */
        RETRIED,
        /** Leases that ended while a job was held, so that the job was made ready again. */
        LOST_LEASES,
        /** How long the runs took together that succeeded or failed, in ms. */
        RUN_MILLIS
    }

    /** Nothing happened. */
    public static final HistoryCounts NONE = new HistoryCounts(Map.of());

    /** Of all that is counted, in that order. */
    private final Map<Count, Long> counts = new EnumMap<>(Count.class);

    private HistoryCounts(Map<Count, Long> known) {
        for (Count count : Count.values()) {
            long value = known.getOrDefault(count, 0L);
            if (value < 0) {
                throw new IllegalArgumentException(count + " must be 0 or more, got " + value);
            }
            counts.put(count, value);
        }
    }

    /**
     * These counts. What is not named is 0.
     *
     * @throws IllegalArgumentException if one is negative
     */
    public static HistoryCounts of(Map<Count, Long> counts) {
        return new HistoryCounts(counts);
    }

    /** Jobs that were stored. */
    public long enqueued() {
        return get(Count.ENQUEUED);
    }

    /** Jobs that succeeded. */
    public long succeeded() {
        return get(Count.SUCCEEDED);
    }

    /** Runs that failed: tried again, or the job is dead. */
    public long failed() {
        return get(Count.FAILED);
    }

    /** Jobs that were given up: after a run that failed, or because their leases ended too often. */
    public long dead() {
        return get(Count.DEAD);
    }

    /** Runs that failed and are tried again. */
    public long retried() {
        return get(Count.RETRIED);
    }

    /**
     * Leases that ended while a job was held, so that the job was made ready again. One that made its job dead counts
     * as {@link #dead} only.
     */
    public long lostLeases() {
        return get(Count.LOST_LEASES);
    }

    /** How long the runs took together that succeeded or failed, in ms. */
    public long runMillis() {
        return get(Count.RUN_MILLIS);
    }

    /** One of the counts. */
    public long get(Count count) {
        return counts.getOrDefault(count, 0L);
    }

    /** All of them, in the order of {@link Count}; cannot be changed. */
    public Map<Count, Long> all() {
        return Collections.unmodifiableMap(counts);
    }

    /** Whether nothing happened. */
    public boolean isNone() {
        return equals(NONE);
    }

    /** Both together. */
    public HistoryCounts plus(HistoryCounts other) {
        HistoryCounts sum = new HistoryCounts(counts);
        other.counts.forEach((count, more) -> sum.counts.merge(count, more, Long::sum));
        return sum;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof HistoryCounts that && counts.equals(that.counts);
    }

    @Override
    public int hashCode() {
        return counts.hashCode();
    }

    @Override
    public String toString() {
        return "HistoryCounts" + counts;
    }
}
