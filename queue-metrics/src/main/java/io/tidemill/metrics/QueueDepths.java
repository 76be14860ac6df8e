package io.tidemill.metrics;

import io.tidemill.Background;
import io.tidemill.Extension;
import io.tidemill.lifecycle.Service;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
    private static final Duration LONGEST_ANSWER = Duration.ofSeconds(10);

    private final List<QueueDepth> depths;
    private final Duration interval;
    private final Background background;
    /** Ends a wait for answers, so that a broker which is away does not hold up the stop. */
    private final CompletableFuture<Void> stopping = new CompletableFuture<>();

    QueueDepths(Collection<String> queues, Extension.Parts parts, Registrar registrar, Duration interval) {
        this.depths = queues.stream()
                .map(queue -> new QueueDepth(
                        queue, parts.broker(), parts.clock(), interval.multipliedBy(STALE_AFTER_INTERVALS)))
                .toList();
        this.interval = interval;
        this.background = parts.background(
                "metrics", interval.multipliedBy(STALE_AFTER_INTERVALS), "jobs in queues were not counted", this::look);
        depths.forEach(depth -> depth.register(registrar));
    }

    @Override
    public void start() {
        if (!depths.isEmpty()) {
            background.start();
        }
    }

    @Override
    public void stop() {
        stopping.complete(null);
        background.stop();
    }

    private Duration look() throws Exception {
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
        awaitOne(all, stopping);
        answers.stream()
                .filter(answer -> answer.isDone() && !answer.isCompletedExceptionally())
                .forEach(answer -> answer.join().take());
        if (answers.stream().noneMatch(answer -> !answer.isDone() || answer.isCompletedExceptionally())) {
            background.done();
        }
        return interval;
    }

    /** A broker that never answers does not hold up the next look, nor does the loop look stuck. */
    private static void awaitOne(CompletableFuture<?>... futures) throws Exception {
        try {
            CompletableFuture.anyOf(futures).get(LONGEST_ANSWER.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            log.debug("counts of queues did not come within {}", LONGEST_ANSWER);
        }
    }
}
