package io.tidemill.event;

/**
 * Is told every {@link QueueEvent} of its {@code TaskQueue}.
 *
 * <p>Each event is told by the thread that it happened on, at once and without a buffer. So events of one job that come
 * shortly after one another on different threads may be heard in another order, such as the start of attempt 2 before
 * the word that attempt 1 is retried; {@link QueueEvent#attempt()} puts them right.
 *
 * <p>Called on the queue's own threads, several at once: be thread-safe and quick, never block. What a listener throws
 * is logged and goes no further.
 */
@FunctionalInterface
public interface QueueListener {

    /** Something happened. */
    void on(QueueEvent event);
}
