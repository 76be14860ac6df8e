package io.tidemill.worker;

import io.tidemill.async.Safely;
import io.tidemill.lifecycle.Loop;
import io.tidemill.lifecycle.Service;
import io.tidemill.text.Texts;
import io.tidemill.time.Alarm;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends runs that take too long, and those of cancelled jobs: the first it interrupts at their timeout, the second have
 * been interrupted by the cancel. If they do not return within the time that interrupted code has, it abandons them, so
 * that their slot is free and their job goes on, or ends as cancelled. The thread of an abandoned run cannot be stopped
 * by anyone; what it still does is logged and dropped.
 *
 * <p>Thread-safe.
 */
final class Watchdog implements Service {

    private static final Logger log = LoggerFactory.getLogger(Watchdog.class);

    /** When, and a number that tells deadlines of the same nanosecond apart. */
    private record Deadline(long nanos, long number) implements Comparable<Deadline> {

        @Override
        public int compareTo(Deadline other) {
            int byTime = Long.compare(nanos - other.nanos, 0);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    /** A run and when it is looked at next. */
    static final class Watched {

        private final Attempt attempt;
        /** Null if the job was cancelled. */
        private final @Nullable Duration limit;

        private volatile Deadline deadline;

        private Watched(Attempt attempt, @Nullable Duration limit, Deadline deadline) {
            this.attempt = attempt;
            this.limit = limit;
            this.deadline = deadline;
        }
    }

    private final Clock clock;
    private final Duration interruptTimeout;
    private final BiConsumer<Attempt, Outcome> abandon;
    private final Loop loop;
    private final ConcurrentSkipListMap<Deadline, Watched> watched = new ConcurrentSkipListMap<>();
    private final AtomicLong numbers = new AtomicLong();

    Watchdog(Clock clock, Duration interruptTimeout, BiConsumer<Attempt, Outcome> abandon, String name) {
        this.clock = clock;
        this.interruptTimeout = interruptTimeout;
        this.abandon = abandon;
        this.loop = new Loop(name, clock, this::endOverdue);
    }

    /** The thread that does it. */
    Loop loop() {
        return loop;
    }

    @Override
    public void start() {
        loop.start();
    }

    @Override
    public void stop() {
        loop.stop();
    }

    /** The run begins and may take this long. */
    Watched watch(Attempt attempt, Duration limit) {
        Watched entry = new Watched(attempt, limit, deadline(limit));
        add(entry);
        return entry;
    }

    /** The run was interrupted because its job was cancelled, and has the time of interrupted code to return. */
    void cancelled(Attempt attempt) {
        add(new Watched(attempt, null, deadline(interruptTimeout)));
    }

    /**
     * The run is over. Without this it would be kept until its limit is, and a busy worker ends many runs within the
     * limit of one.
     */
    void forget(Watched entry) {
        watched.remove(entry.deadline);
    }

    /** How many runs are watched. */
    int size() {
        return watched.size();
    }

    private Deadline deadline(Duration in) {
        return new Deadline(clock.nanos() + in.toNanos(), numbers.incrementAndGet());
    }

    private void add(Watched entry) {
        watched.put(entry.deadline, entry);
        Map.Entry<Deadline, Watched> first = watched.firstEntry();
        if (first != null && first.getValue() == entry) {
            loop.wake();
        }
    }

    private long endOverdue() {
        for (Map.Entry<Deadline, Watched> first = watched.firstEntry(); first != null; first = watched.firstEntry()) {
            Watched entry = first.getValue();
            long wait = first.getKey().nanos() - clock.nanos();
            if (wait > 0 && !entry.attempt.hasEnded()) {
                return wait;
            }
            watched.remove(first.getKey());
            if (!entry.attempt.hasEnded()) {
                Safely.run("ending job " + entry.attempt.jobId(), () -> end(entry));
            }
        }
        return Alarm.FOREVER;
    }

    private void end(Watched entry) {
        Attempt attempt = entry.attempt;
        Duration limit = entry.limit;
        if (limit == null) {
            abandon(attempt, "was cancelled", new Outcome.Cancelled("cancelled while it ran, and abandoned"));
        } else if (attempt.timedOut() == null) {
            attempt.timeOut(limit);
            entry.deadline = deadline(interruptTimeout);
            add(entry);
        } else {
            abandon(attempt, "ran longer than its timeout of " + Texts.duration(limit), new Outcome.TimedOut(limit));
        }
    }

    private void abandon(Attempt attempt, String why, Outcome outcome) {
        log.warn(
                "job {} of task {} {} and did not return within {} (interruptTimeout) of being interrupted; it is"
                        + " abandoned, its thread cannot be stopped",
                attempt.jobId(),
                attempt.task(),
                why,
                Texts.duration(interruptTimeout));
        abandon.accept(attempt, outcome);
    }
}
