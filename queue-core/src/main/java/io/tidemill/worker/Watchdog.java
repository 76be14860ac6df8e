package io.tidemill.worker;

import io.tidemill.async.Safely;
import io.tidemill.lifecycle.Loop;
import io.tidemill.lifecycle.LoopService;
import io.tidemill.text.LogNames;
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
 * Ends runs that take too long, and those of cancelled jobs. It interrupts the first at their timeout; the second were
 * interrupted by the cancel. A run that does not return within the time that interrupted code has is abandoned: its
 * slot is free and its job goes on, or ends as cancelled. The thread of an abandoned run cannot be stopped; when it
 * returns, that is logged and ignored. The same holds for the stage of an async task, which is cancelled instead. It
 * also sends what runs have said of their progress, a while after they have said it.
 *
 * <p>Thread-safe.
 */
final class Watchdog implements LoopService {

    private static final Logger log = LoggerFactory.getLogger(LogNames.JOB);

    /** When, and a number that makes deadlines of the same nanosecond different. */
    private record Deadline(long nanos, long number) implements Comparable<Deadline> {

        @Override
        public int compareTo(Deadline other) {
            int byTime = Long.compare(nanos - other.nanos, 0);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    /** A run and when it is looked at next. */
    static final class Watched {

        private final Run run;
        /** Null if the job was cancelled. */
        private final @Nullable Duration limit;
        /** What is done then instead of ending the run; null for nothing. */
        private final @Nullable Runnable action;

        private volatile Deadline deadline;

        private Watched(Run run, @Nullable Duration limit, @Nullable Runnable action, Deadline deadline) {
            this.run = run;
            this.limit = limit;
            this.action = action;
            this.deadline = deadline;
        }
    }

    private final Clock clock;
    private final Duration interruptTimeout;
    private final BiConsumer<Run, Outcome> abandon;
    private final Loop loop;
    private final ConcurrentSkipListMap<Deadline, Watched> watched = new ConcurrentSkipListMap<>();
    private final AtomicLong numbers = new AtomicLong();

    Watchdog(Clock clock, Duration interruptTimeout, BiConsumer<Run, Outcome> abandon, String name) {
        this.clock = clock;
        this.interruptTimeout = interruptTimeout;
        this.abandon = abandon;
        this.loop = new Loop(name, clock, this::endOverdue);
    }

    @Override
    public Loop loop() {
        return loop;
    }

    /** The run begins and may take this long. */
    Watched watch(Run run, Duration limit) {
        Watched entry = new Watched(run, limit, null, deadline(limit));
        add(entry);
        return entry;
    }

    /** The run was interrupted because its job was cancelled, and has the time of interrupted code to return. */
    void cancelled(Run run) {
        add(new Watched(run, null, null, deadline(interruptTimeout)));
    }

    /** Does something quick after a while, unless the run has ended by then. */
    void later(Run run, Duration in, Runnable action) {
        add(new Watched(run, null, action, deadline(in)));
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
            if (wait > 0 && !entry.run.hasEnded()) {
                return wait;
            }
            watched.remove(first.getKey());
            if (!entry.run.hasEnded()) {
                Safely.run("ending job " + entry.run.jobId(), () -> end(entry));
            }
        }
        return Alarm.FOREVER;
    }

    private void end(Watched entry) {
        Run run = entry.run;
        Duration limit = entry.limit;
        if (entry.action != null) {
            entry.action.run();
        } else if (limit == null) {
            abandon(run, "was cancelled", new Outcome.Cancelled("cancelled while it ran, and abandoned"));
        } else if (run.timedOut() == null) {
            run.timeOut(limit);
            entry.deadline = deadline(interruptTimeout);
            add(entry);
        } else {
            abandon(run, "ran longer than its timeout of " + Texts.duration(limit), new Outcome.TimedOut(limit));
        }
    }

    private void abandon(Run run, String why, Outcome outcome) {
        log.warn(
                "job {} of task {} {} and did not return within {} (interruptTimeout) of being interrupted; it is"
                        + " abandoned, {} cannot be stopped",
                run.jobId(),
                run.task(),
                why,
                Texts.duration(interruptTimeout),
                run.isOnThread() ? "its thread" : "what its stage waits for");
        abandon.accept(run, outcome);
    }
}
