package io.tidemill.worker;

import io.tidemill.lifecycle.Loop;
import io.tidemill.lifecycle.Service;
import io.tidemill.time.Alarm;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends runs that take too long: interrupts them at their timeout and, if they do not return within the time that
 * interrupted code has, abandons them, so that their slot is free and their job goes on. The thread of an abandoned run
 * cannot be stopped by anyone; what it still does is logged and dropped.
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

    private record Watched(Attempt attempt, Duration limit) {}

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

    @Override
    public void start() {
        loop.start();
    }

    @Override
    public void stop() {
        loop.stop();
    }

    /** The run begins and may take this long. */
    void watch(Attempt attempt, Duration limit) {
        add(new Watched(attempt, limit), limit);
    }

    private void add(Watched entry, Duration in) {
        Deadline deadline = new Deadline(clock.nanos() + in.toNanos(), numbers.incrementAndGet());
        watched.put(deadline, entry);
        if (deadline.equals(watched.firstKey())) {
            loop.wake();
        }
    }

    private long endOverdue() {
        for (Map.Entry<Deadline, Watched> first = watched.firstEntry(); first != null; first = watched.firstEntry()) {
            Watched entry = first.getValue();
            long wait = first.getKey().nanos() - clock.nanos();
            if (wait > 0 && !entry.attempt().hasEnded()) {
                return wait;
            }
            watched.remove(first.getKey());
            if (!entry.attempt().hasEnded()) {
                end(entry);
            }
        }
        return Alarm.FOREVER;
    }

    private void end(Watched entry) {
        Attempt attempt = entry.attempt();
        if (attempt.timedOut() == null) {
            attempt.timeOut(entry.limit());
            add(entry, interruptTimeout);
        } else {
            log.warn(
                    "job {} of task {} ran longer than its timeout of {} and did not return within {} of being"
                            + " interrupted; it is abandoned, its thread cannot be stopped",
                    attempt.jobId(),
                    attempt.task(),
                    entry.limit(),
                    interruptTimeout);
            abandon.accept(attempt, new Outcome.TimedOut(entry.limit()));
        }
    }
}
