package io.tidemill.maintenance;

import io.tidemill.async.Answers;
import io.tidemill.async.Safely;
import io.tidemill.broker.Broker;
import io.tidemill.task.Retention;
import io.tidemill.text.LogNames;
import io.tidemill.text.Texts;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes out dead jobs that are too many or too old, queue by queue, at most {@value #AT_ONCE} per call. Looks at a
 * queue that has any once a minute; with more than 600 queues a tenth of a second for each.
 *
 * <p>Thread-safe.
 */
public final class Trimmer {

    private static final Logger log = LoggerFactory.getLogger(LogNames.MAINTENANCE);

    private static final Duration PERIOD = Duration.ofMinutes(1);
    private static final long NANOS_PER_QUEUE = Duration.ofMillis(100).toNanos();
    private static final int AT_ONCE = 500;

    private final Broker broker;
    private final Clock clock;
    private final Retention retention;
    private final Map<String, Retention> byQueue;
    private final long periodNanos;
    /** Of queues that have had dead jobs. */
    private final Map<String, Long> nextNanos = new ConcurrentHashMap<>();

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
        this.retention = retention;
        this.byQueue = Map.copyOf(byQueue);
        this.periodNanos = Math.max(PERIOD.toNanos(), queues.size() * NANOS_PER_QUEUE);
    }

    /** There are dead jobs in this queue: trims it if it is time. */
    void trimWhenDue(String queue) {
        Long next = nextNanos.get(queue);
        if (next == null || next - clock.nanos() <= 0) {
            nextNanos.put(queue, clock.nanos() + periodNanos);
            trim(queue, byQueue.getOrDefault(queue, retention));
        }
    }

    private void trim(String queue, Retention kept) {
        Safely.ask(() -> broker.sweeps().trim(queue, kept.newest(), kept.age().toMillis(), AT_ONCE))
                .whenComplete((removed, failure) -> {
                    if (failure != null) {
                        log.warn(
                                "queue {}: trim failed, tried again in {}: {}",
                                queue,
                                Texts.duration(PERIOD),
                                Answers.message(failure));
                    } else if (removed > 0) {
                        log.info(
                                "queue {}: {} removed, beyond the newest {} or older than {}",
                                queue,
                                Texts.count(removed, "dead job"),
                                kept.newest(),
                                Texts.duration(kept.age()));
                        if (removed == AT_ONCE) {
                            trim(queue, kept);
                        }
                    }
                });
    }
}
