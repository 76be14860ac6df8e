package io.tidemill.schedule;

import io.tidemill.broker.DueSchedules;
import io.tidemill.broker.ScheduleStore;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rounds that fire schedules. Every process may do them: all of them look, and the broker lets one through. The
 * next round comes when the next schedule is due, and at least once a second, since others may have changed something;
 * with more than 100 queues it sends no more than about 100 requests a second. What a broker that is away held up
 * follows when it answers again.
 *
 * <p>Rounds are done by one thread; the other methods are thread-safe.
 */
final class Ticker {

    private static final Logger log = LoggerFactory.getLogger("io.tidemill.schedule");

    private static final long POLL_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long POLL_PER_QUEUE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    /** The broker is asked at least this often, however many queues there are: health is judged by its answers. */
    private static final long LONGEST_POLL_OF_NAMES_NANOS = TimeUnit.SECONDS.toNanos(5);
    /** A process that dies with what it has taken delays it by so much. */
    private static final Duration HOLD = Duration.ofSeconds(5);

    private final ScheduleStore store;
    private final Asking asking;
    private final Clock clock;
    private final QueueTicker queueTicker;
    private final Upkeep upkeep;
    private final Runnable answered;
    /** Ends a wait for answers, so that a broker which is away does not hold up the stop. */
    private final StopSignal stop;
    /** Whether something was changed here, and everything is to be looked at. */
    private final AtomicBoolean isWoken = new AtomicBoolean(true);
    /** When each queue is looked at next. Confined to the rounds. */
    private final Map<String, Long> looks = new HashMap<>();

    private long namesDueNanos;

    /** What else is done from time to time. */
    @FunctionalInterface
    interface Upkeep {
        /**
         * Does a bounded piece of it.
         *
         * @return the longest wait before the next piece, ns
         */
        long step();
    }

    /** Sends requests, as {@link io.tidemill.Extension.Parts#ask} does. */
    @FunctionalInterface
    interface Asking {
        <V> CompletableFuture<V> ask(
                String hop, String queue, int size, Supplier<? extends CompletableFuture<V>> request);
    }

    /**
     * Rounds that have not begun.
     *
     * @param upkeep what is done beside
     * @param answered called when the broker has answered a look
     * @param stop ends the waits of the rounds
     */
    Ticker(
            ScheduleStore store,
            Asking asking,
            Clock clock,
            QueueTicker queueTicker,
            Upkeep upkeep,
            Runnable answered,
            StopSignal stop) {
        this.store = store;
        this.asking = asking;
        this.clock = clock;
        this.queueTicker = queueTicker;
        this.upkeep = upkeep;
        this.answered = answered;
        this.stop = stop;
        this.namesDueNanos = clock.nanos();
    }

    /** Lets the round that waits for an answer end. */
    void stop() {
        stop.stop();
    }

    /** Lets the next round look at everything. */
    void lookAtAll() {
        isWoken.set(true);
    }

    /**
     * Does one.
     *
     * @return the longest wait before the next one
     */
    Duration round() {
        boolean looksAtAll = isWoken.getAndSet(false);
        if (looksAtAll || namesDueNanos - clock.nanos() <= 0) {
            readNames();
        }
        long wait = Math.min(tickAll(looksAtAll), Math.max(0, namesDueNanos - clock.nanos()));
        return Duration.ofNanos(stop.isStopping() ? 0 : Math.min(wait, keepUp()));
    }

    private long keepUp() {
        try {
            return upkeep.step();
        } catch (RuntimeException e) {
            log.debug("upkeep of schedules waits for the broker", e);
            return POLL_NANOS;
        }
    }

    private long pollNanos() {
        return Math.max(POLL_NANOS, looks.size() * POLL_PER_QUEUE_NANOS);
    }

    private void readNames() {
        try {
            Set<String> names =
                    stop.await(asking.ask("schedules", "", 1, store::queues), "for the queues with schedules");
            looks.keySet().retainAll(names);
            names.forEach(name -> looks.putIfAbsent(name, clock.nanos()));
            answered.run();
        } catch (RuntimeException e) {
            log.debug("queues with schedules are not known", e);
        }
        namesDueNanos = clock.nanos() + Math.min(pollNanos(), LONGEST_POLL_OF_NAMES_NANOS);
    }

    private long tickAll(boolean looksAtAll) {
        Map<String, CompletableFuture<DueSchedules>> answers = new LinkedHashMap<>();
        long now = clock.nanos();
        looks.forEach((queue, at) -> {
            if (looksAtAll || at - now <= 0) {
                answers.put(
                        queue,
                        asking.ask(
                                "take",
                                queue,
                                1,
                                () -> store.take(
                                        queue,
                                        ScheduleStore.MAX_TAKEN,
                                        HOLD.toMillis(),
                                        queueTicker.leftToOthers(queue))));
            }
        });
        answers.forEach((queue, answer) -> looks.put(queue, clock.nanos() + tick(queue, answer)));
        long wait = pollNanos();
        long then = clock.nanos();
        for (long at : looks.values()) {
            wait = Math.min(wait, Math.max(0, at - then));
        }
        return wait;
    }

    /** How long until the next look at this queue, ns. */
    private long tick(String queue, CompletableFuture<DueSchedules> answer) {
        try {
            DueSchedules due = stop.await(answer, "for the due schedules of queue " + queue);
            long next = queueTicker.tick(queue, due) - due.nowMillis();
            return Math.min(pollNanos(), TimeUnit.MILLISECONDS.toNanos(Math.max(0, Math.min(next, 3_600_000))));
        } catch (RuntimeException e) {
            // An outage is logged once, by those who ask the broker for jobs.
            log.debug("schedules of queue {} wait for the broker", queue, e);
            return pollNanos();
        }
    }
}
