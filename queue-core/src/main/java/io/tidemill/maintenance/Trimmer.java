package io.tidemill.maintenance;

import io.tidemill.broker.Broker;
import io.tidemill.task.Texts;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes out dead jobs that are too many or too old, queue by queue, at most 1,000 per call. Looks once a minute, also
 * at queues where nothing happens.
 *
 * <p>Called by one thread.
 */
public final class Trimmer {

    private static final Logger log = LoggerFactory.getLogger(Trimmer.class);

    private static final Duration PERIOD = Duration.ofMinutes(1);

    private final Broker broker;
    private final Clock clock;
    private final Set<String> queues;
    private final Retention retention;
    private final Map<String, Retention> byQueue;
    private long nextNanos;

    /**
     * Trims these queues.
     *
     * @param retention what holds for those that are not in the map
     * @param byQueue what holds for single queues
     */
    public Trimmer(
            Broker broker, Clock clock, Set<String> queues, Retention retention, Map<String, Retention> byQueue) {
        this.broker = broker;
        this.clock = clock;
        this.queues = Set.copyOf(queues);
        this.retention = retention;
        this.byQueue = Map.copyOf(byQueue);
        this.nextNanos = clock.nanos();
    }

    /** Trims all queues if it is time. */
    void trimWhenDue() {
        if (nextNanos - clock.nanos() <= 0) {
            nextNanos = clock.nanos() + PERIOD.toNanos();
            queues.forEach(queue -> trim(queue, byQueue.getOrDefault(queue, retention)));
        }
    }

    private void trim(String queue, Retention kept) {
        broker.operations()
                .trim(queue, kept.newest(), kept.age().toMillis(), Broker.MAX_BATCH)
                .whenComplete((removed, failure) -> {
                    if (failure != null) {
                        log.warn(
                                "queue {}: trim failed, tried again in {}: {}",
                                queue,
                                Texts.duration(PERIOD),
                                failure.getMessage());
                    } else if (removed > 0) {
                        log.info(
                                "queue {}: {} removed, beyond the newest {} or older than {}",
                                queue,
                                Texts.count(removed, "dead job"),
                                kept.newest(),
                                Texts.duration(kept.age()));
                        if (removed == Broker.MAX_BATCH) {
                            trim(queue, kept);
                        }
                    }
                });
    }
}
