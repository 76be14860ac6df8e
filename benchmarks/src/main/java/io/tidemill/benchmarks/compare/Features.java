package io.tidemill.benchmarks.compare;

/**
 * What is measured beyond plain jobs, of contenders that have all of it. As a {@link Contender}, each finds an empty
 * Redis and leaves no connection.
 */
interface Features {

    /** Median microseconds from before the enqueue to the first line of the handler, which runs in another process. */
    double latencyOther(Plan plan);

    /** Median microseconds from before the enqueue to the job's result, which comes from another process. */
    double roundtrip(Plan plan);

    /**
     * Jobs per second that are stored with a delay and all due at the same time: the time of storing and of running.
     */
    double delayed(Plan plan, int jobs);

    /** Jobs per second of ten priorities: the time of storing and of running. */
    double priority(Plan plan, int jobs);

    /** Jobs per second in batches, half of which are duplicates by their unique key. */
    double unique(Plan plan);

    /** Jobs per second whose first run fails and whose second begins at once; two runs count as one job. */
    double retry(Plan plan, int jobs);

    /**
     * Jobs per second of chains of {@link Plan#CHAIN} steps: the time of storing and of running.
     *
     * @param jobs how many there are in all; a multiple of the jobs of a chain
     */
    double chains(Plan plan, int jobs);

    /**
     * Jobs per second of groups of {@link Plan#GROUP} jobs, each group with one more that runs when all have ended: the
     * time of storing and of running.
     *
     * @param jobs how many there are in all; a multiple of the jobs of a group and its last
     */
    double groups(Plan plan, int jobs);
}
