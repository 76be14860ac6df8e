package io.tidemill.metrics;

import io.tidemill.Extension;
import io.tidemill.event.QueueListener;

/**
 * Installed after the metrics, it makes a listener hear of each event after they did: what the listener has heard of,
 * they have counted.
 */
public record HeardLast(QueueListener listener) implements Extension {

    @Override
    public void start(Parts parts) {
        parts.listen(listener);
    }
}
