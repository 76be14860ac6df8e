package io.tidemill.broker.memory;

import io.tidemill.broker.BrokerListener;
import java.util.ArrayList;
import java.util.List;

/** What one hop made worth telling. Gathered under the lock of the queue, told outside of it. */
final class Notifications {

    private boolean ready;
    private final List<String> finished = new ArrayList<>(0);
    private final List<String> cancelRequested = new ArrayList<>(0);

    /** Something can be claimed, or will be earlier than was thought. */
    void ready() {
        ready = true;
    }

    void finished(String id) {
        finished.add(id);
    }

    void cancelRequested(String id) {
        cancelRequested.add(id);
    }

    boolean isEmpty() {
        return !ready && finished.isEmpty() && cancelRequested.isEmpty();
    }

    /** Tells a client, which hears only of finished jobs. */
    void tellClient(String queue, BrokerListener listener) {
        finished.forEach(id -> listener.finished(queue, id));
    }

    /** Tells a worker. */
    void tellWorker(String queue, BrokerListener listener) {
        if (ready) {
            listener.ready(queue);
        }
        cancelRequested.forEach(id -> listener.cancelRequested(queue, id));
        finished.forEach(id -> listener.finished(queue, id));
    }
}
