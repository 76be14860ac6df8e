package io.tidemill.event;

/**
 * Receives every {@link QueueEvent} of its {@code TaskQueue}.
 *
 * <p>Each event is published at once, without a buffer, on the thread that it happened on: a thread of the queue, or
 * for {@code Enqueued}, {@code Duplicate} and what they replace the thread that enqueues. So events of one job that
 * happen shortly after one another on different threads may come in another order, such as the start of attempt 2
 * before the retry of attempt 1; {@link JobEvent#attempt()} gives the right order. The events of the connection come in
 * their order.
 *
 * <p>Called by several threads at once: be thread-safe and quick, never block. What a listener throws is logged and
 * goes no further.
 */
@FunctionalInterface
public interface QueueListener {

    /** Something happened. */
    void on(QueueEvent event);
}
