package io.tidemill.event;

/**
 * Is told every {@link QueueEvent} of its {@code TaskQueue}.
 *
 * <p>Called on the queue's own threads, several at once: be thread-safe and quick, never block. What a listener throws
 * is logged and goes no further.
 */
@FunctionalInterface
public interface QueueListener {

    /** Something happened. */
    void on(QueueEvent event);
}
