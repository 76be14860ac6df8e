package io.tidemill.batch;

/**
 * How much a {@link Coalescer} sends at once, and how much may wait.
 *
 * @param batch most requests in one call, at least 1
 * @param batchWeight most weight in one call; a single heavier request still goes, alone
 * @param waiting most requests that wait for the call in flight, at least 1
 * @param waitingWeight most weight that waits; a single heavier request still gets in when nothing waits
 * @param patienceNanos how long a request may wait to be sent; one that has waited longer when its turn comes is not
 *     sent any more and fails with a {@link java.util.concurrent.TimeoutException}
 * @param inFlight most calls in flight, at least 1
 */
public record BatchLimits(
        int batch, long batchWeight, int waiting, long waitingWeight, long patienceNanos, int inFlight) {

    /** Checks the ranges. */
    public BatchLimits {
        if (batch < 1 || waiting < 1 || inFlight < 1 || batchWeight < 0 || waitingWeight < 0 || patienceNanos < 0) {
            throw new IllegalArgumentException("limits must be at least 1, weights at least 0");
        }
    }

    /** One call in flight. */
    public BatchLimits(int batch, long batchWeight, int waiting, long waitingWeight, long patienceNanos) {
        this(batch, batchWeight, waiting, waitingWeight, patienceNanos, 1);
    }
}
