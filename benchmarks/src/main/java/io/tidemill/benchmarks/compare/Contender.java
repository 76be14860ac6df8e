package io.tidemill.benchmarks.compare;

import org.jspecify.annotations.Nullable;

/**
 * One that is measured. Finds an empty Redis each time, connects before the time is taken, and leaves no connection.
 */
interface Contender extends AutoCloseable {

    /** As in the table. */
    String name();

    /** What exactly is measured. */
    String version();

    /** Jobs per second, stored one by one with so many unanswered. */
    double enqueueSingle(Plan plan);

    /** Jobs per second, stored in batches. */
    double enqueueBulk(Plan plan);

    /** Jobs per second that do nothing, from the first start to the last recorded end. */
    double process(Plan plan, int jobs);

    /** From before the enqueue to the first line of the handler, one job at a time. */
    Latency latency(Plan plan);

    /**
     * Leaves jobs in Redis.
     *
     * @param bytes size of each payload
     * @param delayMillis when they are due; 0 for at once
     */
    void store(int jobs, int bytes, long delayMillis);

    /** What it has beyond plain jobs; null if that is not measured. */
    default @Nullable Features features() {
        return null;
    }

    @Override
    void close();
}
