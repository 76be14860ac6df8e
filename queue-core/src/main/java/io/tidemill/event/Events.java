package io.tidemill.event;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells events to all listeners, in the order in which they were registered. Thread-safe. */
public final class Events {

    private static final Logger log = LoggerFactory.getLogger(Events.class);

    private final List<QueueListener> listeners;

    /** Tells these. */
    public Events(List<QueueListener> listeners) {
        this.listeners = List.copyOf(listeners);
    }

    /** Tells everyone; one that throws does not keep the others from hearing. */
    public void tell(QueueEvent event) {
        for (QueueListener listener : listeners) {
            try {
                listener.on(event);
            } catch (Throwable t) {
                log.warn(
                        "listener {} threw on {}",
                        listener.getClass().getName(),
                        event.getClass().getSimpleName(),
                        t);
            }
        }
    }
}
