package io.tidemill.worker;

import io.tidemill.async.Safely;
import io.tidemill.lifecycle.Loop;
import io.tidemill.lifecycle.LoopService;
import io.tidemill.observe.Duty;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Decides when which queue is asked for jobs: at once when its claimer is woken, and otherwise when its next delayed
 * job is due or its poll interval is over. One thread for any number of queues; it only sends and never waits for an
 * answer.
 *
 * <p>Thread-safe.
 */
final class Fetcher implements LoopService {

    private static final long NANOS_PER_QUEUE = Duration.ofMillis(100).toNanos();

    private final Clock clock;
    private final Loop loop;
    private final ConcurrentLinkedQueue<Claimer> woken = new ConcurrentLinkedQueue<>();
    private final ConcurrentSkipListMap<Long, List<Runnable>> later = new ConcurrentSkipListMap<>();
    private final AtomicLong nextScanNanos;
    private volatile Collection<Claimer> claimers = List.of();

    Fetcher(Clock clock, String name) {
        this.clock = clock;
        this.loop = new Loop(name, clock, this::round);
        this.nextScanNanos = new AtomicLong(clock.nanos());
    }

    /** The claimers to look after. Called once, before the start. */
    void serve(Collection<Claimer> served) {
        claimers = List.copyOf(served);
    }

    /**
     * How long a claimer waits at most before it looks by itself. All claimers together look ten times a second at
     * most, or as often as one alone would, so that the cost of many idle queues does not grow with their number; then
     * they come up to a quarter early, or all that started together would look together.
     */
    long pollNanos(Duration interval) {
        long longest = longestPollNanos(interval);
        return longest == interval.toNanos()
                ? longest
                : (long) (longest * ThreadLocalRandom.current().nextDouble(0.75, 1.0));
    }

    private long longestPollNanos(Duration interval) {
        return Math.max(interval.toNanos(), claimers.size() * Math.min(NANOS_PER_QUEUE, interval.toNanos()));
    }

    /** When the queue that has waited longest for an answer to a claim got the last one. */
    Duty claimed(Duration interval) {
        Duration allowed = Duty.allowed(Duration.ofNanos(longestPollNanos(interval)));
        return new Duty() {
            @Override
            public String name() {
                return "claim";
            }

            @Override
            public Duration age() {
                return oldest().map(Claimer::sinceAnswer).orElse(Duration.ZERO);
            }

            @Override
            public boolean wasDone() {
                return oldest().map(Claimer::wasAnswered).orElse(true);
            }

            @Override
            public Duration allowed() {
                return allowed;
            }

            @Override
            public String problem() {
                return "no claim was answered"
                        + oldest().map(claimer -> " for queue " + claimer.queue())
                                .orElse("");
            }
        };
    }

    private Optional<Claimer> oldest() {
        return claimers.stream().max(Comparator.comparing(Claimer::sinceAnswer));
    }

    @Override
    public Loop loop() {
        return loop;
    }

    /** There are slots, and this claimer has waited longest for one: it looks at once. */
    void wake(Claimer claimer) {
        woken.add(claimer);
        loop.wake();
    }

    /** This claimer looks at this time at the latest. */
    void lookAt(Claimer claimer, long nanos) {
        claimer.lookAt(nanos);
        long before = nextScanNanos.getAndUpdate(scan -> scan - nanos > 0 ? nanos : scan);
        if (before - nanos > 0) {
            loop.wake();
        }
    }

    /** Runs something small on the fetcher's thread after a while. */
    void later(Runnable action, long nanos) {
        later.merge(clock.nanos() + nanos, List.of(action), (a, b) -> {
            List<Runnable> both = new ArrayList<>(a);
            both.addAll(b);
            return both;
        });
        loop.wake();
    }

    private long round() {
        for (Claimer claimer = woken.poll(); claimer != null; claimer = woken.poll()) {
            Safely.run("queue " + claimer.queue() + ": looking for jobs", claimer::feed);
        }
        runLater();
        long now = clock.nanos();
        if (nextScanNanos.get() - now <= 0) {
            scan(now);
        }
        long wait = nextScanNanos.get() - clock.nanos();
        Map.Entry<Long, List<Runnable>> first = later.firstEntry();
        return first == null ? wait : Math.min(wait, first.getKey() - clock.nanos());
    }

    private void runLater() {
        for (Map.Entry<Long, List<Runnable>> first = later.firstEntry();
                first != null && first.getKey() - clock.nanos() <= 0;
                first = later.firstEntry()) {
            // By removal and not by value: an action may have been merged into the entry meanwhile.
            List<Runnable> actions = later.remove(first.getKey());
            if (actions != null) {
                actions.forEach(action -> Safely.run("trying again", action));
            }
        }
    }

    private void scan(long now) {
        nextScanNanos.set(now + Duration.ofMinutes(1).toNanos());
        long next = Long.MAX_VALUE;
        for (Claimer claimer : claimers) {
            if (claimer.lookAtNanos() - now <= 0) {
                Safely.run("queue " + claimer.queue() + ": looking for jobs", claimer::fetch);
            }
            next = Math.min(next, claimer.lookAtNanos() - now);
        }
        long earliest = now + Math.min(next, Duration.ofMinutes(1).toNanos());
        nextScanNanos.updateAndGet(scan -> scan - earliest > 0 ? earliest : scan);
    }
}
