package io.tidemill.observe;

import io.tidemill.async.Safely;
import io.tidemill.event.QueueEvent;
import io.tidemill.lifecycle.Outages;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Publishes that the broker is lost and that it is back, in this order, and never on a thread of the broker.
 *
 * <p>Thread-safe.
 */
final class ConnectionEvents implements Outages.Watcher {

    private final Consumer<QueueEvent> publish;
    private final Executor executor;
    private final Queue<QueueEvent> events = new ConcurrentLinkedQueue<>();
    /** Held while an event is published, so that the next one comes after it. */
    private final ReentrantLock publishing = new ReentrantLock();

    ConnectionEvents(Consumer<QueueEvent> publish, Executor executor) {
        this.publish = publish;
        this.executor = executor;
    }

    @Override
    public void lost(String why) {
        later(new QueueEvent.ConnectionLost(why));
    }

    @Override
    public void back(Duration after) {
        later(new QueueEvent.ConnectionBack(after));
    }

    private void later(QueueEvent event) {
        events.add(event);
        Safely.execute(executor, "publishing " + event, this::publishNext);
    }

    /** Each event brings one call of this, and each call takes the first event that waits. */
    private void publishNext() {
        publishing.lock();
        try {
            QueueEvent next = events.poll();
            if (next != null) {
                publish.accept(next);
            }
        } finally {
            publishing.unlock();
        }
    }
}
