package io.tidemill.maintenance;

import io.tidemill.async.Answers;
import io.tidemill.async.Safely;
import io.tidemill.broker.CountHistory;
import io.tidemill.event.JobEvent;
import io.tidemill.event.QueueEvent;
import io.tidemill.event.QueueListener;
import io.tidemill.lifecycle.Loop;
import io.tidemill.lifecycle.Service;
import io.tidemill.observe.Observers;
import io.tidemill.queue.HistoryCounts;
import io.tidemill.text.LogNames;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what this process sees happen to jobs, and adds it to the history that the broker keeps: every 5 s, one
 * request for each queue in which something happened.
 *
 * <p>What the broker refuses is added to the next request. What is in a request without an answer may be counted or
 * not, and is not sent again after the broker has given up: so an outage costs a queue the counts of a few seconds.
 *
 * <p>Memory is bounded: what happens in more than 10,000 queues between two requests for each is not counted for those
 * that come last.
 *
 * <p>Thread-safe. An event costs a look-up by text and an increment.
 */
public final class HistoryWriter implements QueueListener, Service {

    private static final Logger log = LoggerFactory.getLogger(LogNames.MAINTENANCE);

    private static final Duration INTERVAL = Duration.ofSeconds(5);
    /** How long the last requests may take while the process stops. */
    private static final Duration LAST_ANSWER = Duration.ofSeconds(1);
    /** Most requests in one round; what is left waits for the next. */
    private static final int MOST_QUEUES = 500;
    /** Programs may make up names of queues without end. All of these are sent within 100 s. */
    private static final int MOST_REMEMBERED = 10_000;
    /** In which all of them are sent. */
    private static final int MOST_ROUNDS = MOST_REMEMBERED / MOST_QUEUES;

    private final CountHistory history;
    private final Observers observers;
    private final Loop loop;
    private final Map<String, QueueTally> tallies = new ConcurrentHashMap<>();
    /** Those in which something happened since they were sent; each is in here once. */
    private final Queue<QueueTally> changed = new ConcurrentLinkedQueue<>();

    private final AtomicBoolean isFailing = new AtomicBoolean();
    private final AtomicBoolean isFull = new AtomicBoolean();

    /** Adds to this history from the start on. */
    public HistoryWriter(CountHistory history, Observers observers, Clock clock) {
        this.history = history;
        this.observers = observers;
        this.loop = new Loop("tidemill-history", clock, () -> {
            send();
            return INTERVAL.toNanos();
        });
    }

    @Override
    public void start() {
        loop.start();
    }

    /** Sends what was counted since the last round, part by part, and waits a second at most. */
    @Override
    public void stop() {
        loop.stop();
        Clock system = Clock.system();
        long deadline = system.nanos() + LAST_ANSWER.toNanos();
        try {
            // What is refused is to be sent again, so the rounds are counted.
            for (int round = 0; round <= MOST_ROUNDS && !changed.isEmpty(); round++) {
                CompletableFuture<?>[] answers = send().toArray(CompletableFuture<?>[]::new);
                CompletableFuture.allOf(answers)
                        .handle((done, failure) -> "answered")
                        .get(Math.max(0, deadline - system.nanos()), TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            log.debug("what was counted last may be missing in the history", e);
        }
    }

    @Override
    public void on(QueueEvent event) {
        if (event instanceof JobEvent job && QueueTally.isCounted(job)) {
            QueueTally tally = tally(job.queue());
            if (tally != null) {
                tally.count(job);
                noteChange(tally);
            }
        }
    }

    /** The sums of this queue; null if there is no room for one more. */
    private @Nullable QueueTally tally(String queue) {
        QueueTally tally = tallies.get(queue);
        if (tally != null) {
            return tally;
        }
        // Threads that look at once may add one more each, which does no harm.
        if (tallies.size() < MOST_REMEMBERED) {
            return tallies.computeIfAbsent(queue, QueueTally::new);
        }
        if (isFull.compareAndSet(false, true)) {
            log.warn(
                    "queue {}: what happens there is not added to its history now, as {} other queues wait for their"
                            + " turn; logged once",
                    queue,
                    MOST_REMEMBERED);
        }
        return null;
    }

    private void noteChange(QueueTally tally) {
        if (tally.becomesChanged()) {
            changed.add(tally);
        }
    }

    private List<CompletableFuture<Void>> send() {
        List<CompletableFuture<Void>> answers = new ArrayList<>();
        for (int i = 0; i < MOST_QUEUES; i++) {
            QueueTally tally = changed.poll();
            if (tally == null) {
                break;
            }
            HistoryCounts counts = tally.take();
            answers.add(observers
                    .ask("add", tally.queue(), 1, () -> history.add(tally.queue(), counts))
                    .whenComplete((done, failure) -> answered(tally, counts, failure)));
        }
        if (tallies.size() >= MOST_REMEMBERED) {
            // One that counts at this moment is noted as changed after that, and is sent all the same.
            tallies.values().removeIf(tally -> !tally.isChanged());
        }
        return answers;
    }

    private void answered(QueueTally tally, HistoryCounts counts, @Nullable Throwable failure) {
        if (failure == null) {
            isFailing.set(false);
            return;
        }
        if (Answers.isRefusal(failure)) {
            tally.giveBack(counts);
            noteChange(tally);
        }
        if (isFailing.compareAndSet(false, true)) {
            Safely.run(
                    "logging that the history is not written",
                    () -> log.warn(
                            "queue {}: what happened could not be added to the history of the queue; logged once until"
                                    + " it works again: {}",
                            tally.queue(),
                            Answers.message(failure)));
        }
    }
}
