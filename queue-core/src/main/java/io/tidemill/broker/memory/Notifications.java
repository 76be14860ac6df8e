package io.tidemill.broker.memory;

import io.tidemill.broker.BrokerListener;
import java.util.ArrayList;
import java.util.List;

/** What one hop has to notify listeners of: gathered under the lock of the queue, published without it. */
final class Notifications {

    private boolean ready;
    private boolean commanded;
    private final List<String> finished = new ArrayList<>(0);
    private final List<String> cancelRequested = new ArrayList<>(0);

    /** Something can be claimed, or will be earlier than was thought. */
    void ready() {
        ready = true;
    }

    /** A command waits for a worker. */
    void commanded() {
        commanded = true;
    }

    void finished(String id) {
        finished.add(id);
    }

    void cancelRequested(String id) {
        cancelRequested.add(id);
    }

    boolean isEmpty() {
        return !ready && !commanded && finished.isEmpty() && cancelRequested.isEmpty();
    }

    /** Publishes what is for a client: finished jobs only. */
    void publishToClient(String queue, BrokerListener listener) {
        finished.forEach(id -> listener.finished(queue, id));
    }

    /** Publishes what is for a worker. */
    void publishToWorker(String queue, BrokerListener listener) {
        if (ready) {
            listener.ready(queue);
        }
        if (commanded) {
            listener.commanded(queue);
        }
        cancelRequested.forEach(id -> listener.cancelRequested(queue, id));
        finished.forEach(id -> listener.finished(queue, id));
    }
}
