package io.tidemill.metrics;

import io.tidemill.broker.Broker;
import io.tidemill.lifecycle.Loop;
import io.tidemill.lifecycle.Service;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks from time to time at what queues hold, however often and by however many somebody reads the gauges. A queue
 * that the broker does not answer for is not a number after three intervals.
 *
 * <p>Thread-safe.
 */
final class QueueDepths implements Service {

    private static final Logger log = LoggerFactory.getLogger("io.tidemill.metrics");

    private static final int STALE_AFTER_INTERVALS = 3;

    private final List<QueueDepth> depths;
    private final Duration interval;
    private final Loop loop;
    /** Ends a wait for answers, so that a broker which is away does not hold up the stop. */
    private final CompletableFuture<Void> stopping = new CompletableFuture<>();

    QueueDepths(Collection<String> queues, Broker broker, Registrar registrar, Clock clock, Duration interval) {
        this.depths = queues.stream()
                .map(queue -> new QueueDepth(queue, broker, clock, interval.multipliedBy(STALE_AFTER_INTERVALS)))
                .toList();
        this.interval = interval;
        this.loop = new Loop("tidemill-metrics", clock, this::look);
        depths.forEach(depth -> depth.register(registrar));
    }

    @Override
    public void start() {
        if (!depths.isEmpty()) {
            loop.start();
        }
    }

    @Override
    public void stop() {
        stopping.complete(null);
        loop.stop();
    }

    private long look() {
        List<CompletableFuture<QueueDepth.Answer>> answers =
                depths.stream().map(QueueDepth::ask).toList();
        CompletableFuture<Void> all = CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .handle((none, failure) -> {
                    if (failure != null) {
                        // The outage is logged once, by those who need the broker for more than looking.
                        log.debug("counts of queues are not known", failure);
                    }
                    return null;
                });
        CompletableFuture.anyOf(all, stopping).join();
        answers.stream()
                .filter(answer -> answer.isDone() && !answer.isCompletedExceptionally())
                .forEach(answer -> answer.join().take());
        return interval.toNanos();
    }
}
