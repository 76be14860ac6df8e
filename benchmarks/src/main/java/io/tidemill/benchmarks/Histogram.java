package io.tidemill.benchmarks;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAccumulator;

/**
 * Counts durations in buckets that grow with the value, 64 per power of two: any percentile is right to within 1.6%,
 * whatever the range, in 30 KB.
 *
 * <p>Thread-safe.
 */
public final class Histogram {

    private static final int BITS = 6;
    private static final int PER_POWER = 1 << BITS;

    private final AtomicLongArray counts = new AtomicLongArray((Long.SIZE - BITS) * PER_POWER);
    private final LongAccumulator max = new LongAccumulator(Math::max, 0);

    /** Counts one value, at least 0. */
    public void record(long nanos) {
        long value = Math.max(0, nanos);
        counts.incrementAndGet(bucket(value));
        max.accumulate(value);
    }

    /** How many values were counted. */
    public long count() {
        long count = 0;
        for (int i = 0; i < counts.length(); i++) {
            count += counts.get(i);
        }
        return count;
    }

    /** The largest value, exactly. */
    public long max() {
        return max.get();
    }

    /**
     * The smallest value that this share of all values does not exceed, to within a bucket; 0 if there are none.
     *
     * @param share 0 to 1: 0.99 for the 99th percentile
     */
    public long percentile(double share) {
        long rank = Math.max(1, (long) Math.ceil(share * count()));
        long seen = 0;
        for (int i = 0; i < counts.length(); i++) {
            seen += counts.get(i);
            if (seen >= rank) {
                return Math.min(max(), upperBound(i));
            }
        }
        return 0;
    }

    /** The first 64 values have a bucket each; from there on the leading 7 bits name the bucket. */
    private static int bucket(long value) {
        int power = Math.max(0, Long.SIZE - 1 - BITS - Long.numberOfLeadingZeros(value));
        return power * PER_POWER + (int) (value >>> power);
    }

    private static long upperBound(int bucket) {
        int power = Math.max(0, bucket / PER_POWER - 1);
        long lowest = (long) (bucket - power * PER_POWER) << power;
        return lowest + (1L << power) - 1;
    }
}
