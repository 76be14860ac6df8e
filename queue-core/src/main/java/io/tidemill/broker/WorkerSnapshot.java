package io.tidemill.broker;

/**
 * A worker as it last described itself.
 *
 * @param worker its id
 * @param seenMillis when it last did, ms since 1970 by the broker's clock
 * @param info what it said, opaque to the broker
 */
public record WorkerSnapshot(String worker, long seenMillis, byte[] info) {}
