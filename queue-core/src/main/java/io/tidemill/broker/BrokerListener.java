package io.tidemill.broker;

/**
 * Hears of things that happened at the broker, in this process or another. Everything told here is a hint: it may come
 * twice, late or not at all, and whoever listens also looks by himself from time to time.
 *
 * <p>Called on the broker's own threads: return at once and never block.
 */
public interface BrokerListener {

    /** A queue may have something to claim. */
    void ready(String queue);

    /** A job that was asked about with {@code notify} has ended. */
    void finished(String queue, String id);

    /** A running job was asked to be cancelled. */
    void cancelRequested(String queue, String id);
}
