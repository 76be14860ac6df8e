package io.tidemill.benchmarks.compare;

/**
 * How much is measured, the same for every contender.
 *
 * @param seconds how long one round of a speed takes
 * @param inFlight most unanswered requests of {@code enqueue_single}
 * @param batch jobs in one request of {@code enqueue_bulk}
 * @param batchesInFlight most unanswered requests of {@code enqueue_bulk}
 * @param concurrency most jobs that run at once in {@code process}
 * @param samples jobs in one round of {@code latency}
 * @param idleConcurrency most jobs that may run at once in {@code latency}, where one does
 * @param pauseMillis the pause between two samples, so that each finds everything idle
 * @param delayMillis after which jobs of {@code delayed} are due, counted from before the first is stored
 */
record Plan(
        double seconds,
        int inFlight,
        int batch,
        int batchesInFlight,
        int concurrency,
        int samples,
        int idleConcurrency,
        int pauseMillis,
        int delayMillis) {

    /** Steps of each chain of {@code flow}. */
    static final int CHAIN = 10;

    /** Jobs of each group of {@code flow} that run at the same time, before its last one. */
    static final int GROUP = 10;

    /** Samples that are taken before those that count. */
    int unmeasured() {
        return Math.max(1, samples / 10);
    }

    /** The same with half of the samples. */
    Plan withHalfOfTheSamples() {
        return new Plan(
                seconds,
                inFlight,
                batch,
                batchesInFlight,
                concurrency,
                Math.max(1, samples / 2),
                idleConcurrency,
                pauseMillis,
                delayMillis);
    }

    static Plan of(double seconds, int samples) {
        return new Plan(seconds, 100, 1000, 2, 100, samples, 10, 1, (int) (1000 * seconds));
    }
}
