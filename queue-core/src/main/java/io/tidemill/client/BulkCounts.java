package io.tidemill.client;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What became of many calls.
 *
 * <p>Immutable.
 */
public final class BulkCounts {

    private final long stored;
    private final long duplicates;

    private BulkCounts(long stored, long duplicates) {
        this.stored = stored;
        this.duplicates = duplicates;
    }

    /** For those who write clients, and for tests: these counts. */
    public static BulkCounts of(long stored, long duplicates) {
        return new BulkCounts(stored, duplicates);
    }

    /** How many jobs were stored. */
    public long stored() {
        return stored;
    }

    /** How many were not, because a job with the same id or unique key was there. */
    public long duplicates() {
        return duplicates;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof BulkCounts that && stored == that.stored && duplicates == that.duplicates;
    }

    @Override
    public int hashCode() {
        return Objects.hash(stored, duplicates);
    }

    @Override
    public String toString() {
        return "BulkCounts[stored=" + stored + ", duplicates=" + duplicates + "]";
    }
}
