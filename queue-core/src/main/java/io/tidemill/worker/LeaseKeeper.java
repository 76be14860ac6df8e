package io.tidemill.worker;

import io.tidemill.async.Safely;
import io.tidemill.broker.Broker;
import io.tidemill.task.BrokerException;
import io.tidemill.broker.ExtendReply;
import io.tidemill.lifecycle.Loop;
import io.tidemill.lifecycle.Outages;
import io.tidemill.lifecycle.Service;
import io.tidemill.text.Texts;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the leases of running jobs alive. One per worker: every third of the lease time it extends all leases of this
 * process, one call per queue. A lease that the broker no longer knows is lost: its jobs are told and interrupted, and
 * nothing that they return is recorded. A lease that could not be extended in time is merely doubtful: its jobs see
 * {@code isLeaseValid() == false} and go on, since the broker may still accept them.
 *
 * <p>A lease is kept only while somebody has one of its runs: a thread that has begun with it, or is about to; the
 * result backend; the lane that records it. What nobody has, as after an error on a full heap, is handed to the lane
 * again, and until that works its lease is left to end.
 *
 * <p>Also carries word of cancelled jobs: whoever extends a lease is told. A hint of the broker only makes it ask at
 * once, since a hint may be about another job of the same id, as of an application beside this one.
 *
 * <p>Runs on a platform thread of its own, which never runs user code, and is the last part of a worker to stop.
 * Thread-safe.
 */
final class LeaseKeeper implements Service {

    private static final Logger log = LoggerFactory.getLogger(LeaseKeeper.class);

    /** Most leases in one call. */
    private static final int MOST_AT_ONCE = 500;

    /** How many lease times nothing new is started beside an isolated job. */
    private static final int ISOLATION_LEASES = 4;

    private final Broker broker;
    private final Clock clock;
    private final Duration duration;
    private final Outages outages;
    private final Loop loop;
    private LongSupplier eachRound = () -> Long.MAX_VALUE;
    private Consumer<Attempt> rescue = attempt -> {};
    /** Confined to the loop. */
    private long extendAtNanos;

    private final Map<String, Lease> leases = new ConcurrentHashMap<>();
    /** Those with a job that somebody may have asked to cancel. */
    private final Set<Lease> hinted = ConcurrentHashMap.newKeySet();

    LeaseKeeper(Broker broker, Clock clock, Duration duration, String name) {
        this.broker = broker;
        this.clock = clock;
        this.duration = duration;
        this.outages = new Outages(clock, log);
        this.extendAtNanos = clock.nanos();
        this.loop = new Loop(name, clock, this::round);
    }

    /**
     * Something small to do, at least as often as leases are extended; says when again. Called once, before the start.
     */
    void eachRound(LongSupplier action) {
        eachRound = action;
    }

    /** Of the whole worker: what it tells of calls that fail. */
    Outages outages() {
        return outages;
    }

    /** What is done for a run that nobody has any more. Called once, before the start. */
    void rescueWith(Consumer<Attempt> action) {
        rescue = action;
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

    /** A new lease over nothing yet. So many claims are added to it, then it is {@link #watch watched}. */
    Lease lease(Lane lane, String token, long sentNanos, int jobs) {
        return new Lease(lane, token, clock, sentNanos, sentNanos + duration.toNanos(), jobs);
    }

    void watch(Lease lease) {
        leases.put(lease.token(), lease);
    }

    /** The broker has recorded what the run came to, or refused it: the lease need not be kept for this job. */
    void settled(Attempt attempt) {
        if (attempt.lease().settle(attempt.jobId())) {
            leases.remove(attempt.lease().token());
        }
    }

    /** Every run that is not settled yet. */
    List<Attempt> attempts() {
        List<Attempt> all = new ArrayList<>();
        leases.values().forEach(lease -> all.addAll(lease.attempts()));
        return all;
    }

    /** Somebody may have asked for this job to be cancelled. If it is held here, the broker is asked. */
    void askIfCancelled(String queue, String id) {
        for (Lease lease : leases.values()) {
            if (lease.lane().queue().equals(queue) && lease.holds(id)) {
                hinted.add(lease);
                loop.wake();
            }
        }
    }

    /** Leases come first: what else there is to do may fail. */
    private long round() {
        long now = clock.nanos();
        if (extendAtNanos - now <= 0) {
            extendAtNanos = now + duration.toNanos() / 3;
            hinted.clear();
            lookAfterRuns(now);
            extend(leases.values(), now);
        } else {
            List<Lease> asked = List.copyOf(hinted);
            asked.forEach(hinted::remove);
            extend(asked, now);
        }
        AtomicLong wait = new AtomicLong(extendAtNanos - now);
        Safely.run("listing the worker", () -> wait.set(Math.min(wait.get(), eachRound.getAsLong())));
        return wait.get();
    }

    /** Those that nobody has are rescued; one that was isolated and has gone on for so long is the killer of nobody. */
    private void lookAfterRuns(long now) {
        for (Lease lease : leases.values()) {
            for (Attempt attempt : lease.attempts()) {
                if (isOverdue(attempt, now) && attempt.suspect()) {
                    // Seen for the first time. This process may have stood still until now, and its threads go on next.
                    continue;
                }
                if (!isCarried(attempt, now)) {
                    Safely.run("settling job " + attempt.jobId(), () -> rescue.accept(attempt));
                } else if (attempt.stage() == Attempt.Stage.RUNNING
                        && attempt.isIsolated()
                        && now - attempt.sinceNanos() >= ISOLATION_LEASES * duration.toNanos()) {
                    Safely.run("ending an isolation", () -> attempt.lane().goOnBeside(attempt));
                }
            }
            Safely.run("going on", lease.lane()::settleWaiting);
        }
    }

    /** Whether somebody has this run: a thread, the result backend, or the lane. */
    private boolean isCarried(Attempt attempt, long now) {
        return attempt.stage() != Attempt.Stage.STRANDED && !(isOverdue(attempt, now) && attempt.isSuspect());
    }

    /** Whether a stage lasts longer than it may. */
    private boolean isOverdue(Attempt attempt, long now) {
        return switch (attempt.stage()) {
            case CLAIMED, STORING -> now - attempt.sinceNanos() >= duration.toNanos();
            case RUNNING, SETTLING, STRANDED -> false;
        };
    }

    private void extend(Collection<Lease> some, long now) {
        Map<String, List<Lease>> byQueue = new HashMap<>();
        for (Lease lease : some) {
            if (!lease.isLost() && lease.attempts().stream().anyMatch(attempt -> isCarried(attempt, now))) {
                byQueue.computeIfAbsent(lease.lane().queue(), queue -> new ArrayList<>())
                        .add(lease);
            }
        }
        byQueue.forEach((queue, held) -> {
            for (int from = 0; from < held.size(); from += MOST_AT_ONCE) {
                List<Lease> part = held.subList(from, Math.min(held.size(), from + MOST_AT_ONCE));
                Safely.run("queue " + queue + ": extending leases", () -> extend(queue, part));
            }
        });
    }

    private void extend(String queue, List<Lease> held) {
        long validUntil = clock.nanos() + duration.toNanos();
        String call = "queue " + queue + ": extend";
        List<String> tokens = held.stream().map(Lease::token).toList();
        Safely.ask(() -> broker.leases().extend(queue, tokens, duration.toMillis())).whenComplete((replies, failure) -> {
            if (failure != null) {
                boolean isRefused =
                        failure instanceof BrokerException known && known.outcome() == BrokerException.Outcome.REFUSED;
                outages.failed(
                        call,
                        isRefused,
                        "queue " + queue + ": " + Texts.count(held.size(), "lease")
                                + " could not be extended; tried again in " + Texts.duration(duration.dividedBy(3))
                                + ", and jobs whose lease ends are run again by others: " + failure.getMessage());
                return;
            }
            outages.worked(call);
            for (int i = 0; i < held.size(); i++) {
                Lease lease = held.get(i);
                ExtendReply reply = replies.get(i);
                Safely.run("keeping lease " + lease.token(), () -> apply(lease, reply, validUntil));
            }
        });
    }

    private void apply(Lease lease, ExtendReply reply, long validUntil) {
        if (reply.alive()) {
            lease.extendedUntil(validUntil);
            reply.cancelled().forEach(lease::cancel);
        } else {
            lose(lease);
        }
    }

    private void lose(Lease lease) {
        lease.lost();
        for (Attempt attempt : lease.attempts()) {
            // One that has ended is on its way to be settled, and may have been just before the broker looked.
            if (!attempt.hasEnded()) {
                log.warn(
                        "job {} of task {} on queue {}: the lease ended while it ran here (attempt {}); what it returns"
                                + " is dropped and another worker runs it again",
                        attempt.jobId(),
                        attempt.task(),
                        attempt.queue(),
                        attempt.attempt());
                attempt.leaseLost();
            }
        }
    }
}
