package io.tidemill.client;

import io.tidemill.text.Durations;
import java.time.Duration;

/**
 * How the sending half behaves.
 *
 * <p>Immutable.
 *
 * @param maxPayloadBytes largest job record, in bytes; 1 to 16 MiB, default 256 KiB. Larger ones slow everything down
 *     that shares the broker: store the thing elsewhere and pass its id
 * @param maxUnanswered most jobs that wait to be sent; 1 to 1,000,000, default 10,000. More make {@code enqueue} wait
 * @param bufferTimeout how long {@code enqueue} waits for room among them; default 10 s
 * @param checkTaskNames whether calls by name must name a task that is registered here; default true. A queue without
 *     tasks never checks
 */
public record ClientOptions(int maxPayloadBytes, int maxUnanswered, Duration bufferTimeout, boolean checkTaskNames) {

    private static final int MAX_PAYLOAD = 16 * 1024 * 1024;
    private static final int MAX_UNANSWERED = 1_000_000;

    private static final ClientOptions DEFAULTS = new ClientOptions(256 * 1024, 10_000, Duration.ofSeconds(10), true);

    /** Checks every value's range. */
    public ClientOptions {
        if (maxPayloadBytes < 1 || maxPayloadBytes > MAX_PAYLOAD) {
            throw new IllegalArgumentException("maxPayloadBytes must be 1 to 16 MiB, got " + maxPayloadBytes);
        }
        if (maxUnanswered < 1 || maxUnanswered > MAX_UNANSWERED) {
            throw new IllegalArgumentException("maxUnanswered must be 1 to 1,000,000, got " + maxUnanswered);
        }
        Durations.check("bufferTimeout", bufferTimeout);
    }

    /** 256 KiB, 10,000 jobs, 10 s, names are checked. */
    public static ClientOptions defaults() {
        return DEFAULTS;
    }

    /** The same with another {@code maxPayloadBytes}. */
    public ClientOptions withMaxPayloadBytes(int bytes) {
        return new ClientOptions(bytes, maxUnanswered, bufferTimeout, checkTaskNames);
    }

    /** The same with another {@code maxUnanswered}. */
    public ClientOptions withMaxUnanswered(int jobs) {
        return new ClientOptions(maxPayloadBytes, jobs, bufferTimeout, checkTaskNames);
    }

    /** The same with another {@code bufferTimeout}. */
    public ClientOptions withBufferTimeout(Duration timeout) {
        return new ClientOptions(maxPayloadBytes, maxUnanswered, timeout, checkTaskNames);
    }

    /** The same with another {@code checkTaskNames}. */
    public ClientOptions withCheckTaskNames(boolean check) {
        return new ClientOptions(maxPayloadBytes, maxUnanswered, bufferTimeout, check);
    }
}
