package io.tidemill.broker.memory;

import io.tidemill.broker.BrokerListener;
import io.tidemill.broker.Subscription;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who hears of what. A listener that throws does not keep the others from hearing, nor the caller from its answer. */
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

        /** A client that names no queue hears of every job that it asked about. */
        boolean hears(String queue) {
            return queues.contains(queue) || (!worker && queues.isEmpty());
        }
    }

    private static final Logger log = LoggerFactory.getLogger(Listeners.class);

    private final List<Entry> entries = new CopyOnWriteArrayList<>();

    Subscription add(@Nullable String worker, Set<String> queues, BrokerListener listener) {
        Entry entry = new Entry(worker != null, Set.copyOf(queues), listener);
        entries.add(entry);
        return () -> entries.remove(entry);
    }

    void tell(String queue, Notifications news) {
        for (Entry entry : entries) {
            if (entry.hears(queue)) {
                tell(entry, queue, news);
            }
        }
    }

    void clear() {
        entries.clear();
    }

    private static void tell(Entry entry, String queue, Notifications news) {
        try {
            if (entry.worker) {
                news.tellWorker(queue, entry.listener);
            } else {
                news.tellClient(queue, entry.listener);
            }
        } catch (RuntimeException e) {
            log.warn("listener {} threw on news of queue {}", entry.listener, queue, e);
        }
    }
}
