package io.tidemill.broker.memory;

import io.tidemill.broker.BrokerListener;
import io.tidemill.broker.Subscription;
import io.tidemill.text.LogNames;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who listens to what. A listener that throws keeps neither the others from their notifications nor the caller from its
 * answer.
 */
final class Listeners {

    /** Not a record: the same listener may listen twice, and each subscription ends only its own entry. */
    private static final class Entry {

        private final boolean worker;
        private final Set<String> queues;
        private final BrokerListener listener;

        Entry(boolean worker, Set<String> queues, BrokerListener listener) {
            this.worker = worker;
            this.queues = queues;
            this.listener = listener;
        }

        /** A client that names no queue gets hints about every job that it asked about. */
        boolean hears(String queue) {
            return queues.contains(queue) || (!worker && queues.isEmpty());
        }
    }

    private static final Logger log = LoggerFactory.getLogger(LogNames.LISTENER);

    private final List<Entry> entries = new CopyOnWriteArrayList<>();

    Subscription add(@Nullable String worker, Set<String> queues, BrokerListener listener) {
        Entry entry = new Entry(worker != null, Set.copyOf(queues), listener);
        entries.add(entry);
        return () -> entries.remove(entry);
    }

    void publish(String queue, Notifications notifications) {
        for (Entry entry : entries) {
            if (entry.hears(queue)) {
                publish(entry, queue, notifications);
            }
        }
    }

    private static void publish(Entry entry, String queue, Notifications notifications) {
        try {
            if (entry.worker) {
                notifications.publishToWorker(queue, entry.listener);
            } else {
                notifications.publishToClient(queue, entry.listener);
            }
        } catch (RuntimeException e) {
            log.warn("listener {} threw on a notification of queue {}", entry.listener, queue, e);
        }
    }
}
