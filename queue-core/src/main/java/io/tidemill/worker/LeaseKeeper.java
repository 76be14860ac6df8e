package io.tidemill.worker;

import io.tidemill.async.Answers;
import io.tidemill.async.Safely;
import io.tidemill.broker.Ability;
import io.tidemill.broker.Broker;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ExtendReply;
import io.tidemill.lifecycle.Loop;
import io.tidemill.lifecycle.LoopService;
import io.tidemill.lifecycle.Outages;
import io.tidemill.observe.Duty;
import io.tidemill.observe.Observers;
import io.tidemill.observe.Pulse;
import io.tidemill.text.LogNames;
import io.tidemill.text.Texts;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the leases of running jobs alive. One per worker: every third of the lease time it extends all leases of this
 * process, one request per queue. A lease that the broker no longer knows is lost: its runs are interrupted, and
 * nothing that they return is recorded. A lease that could not be extended in time is only in doubt: its runs see
 * {@code isLeaseValid() == false} and go on, since the broker may still accept them.
 *
 * <p>A lease is kept only while a part of the worker has one of its runs: a thread that has begun with it, or is about
 * to; the result backend; the completer. A run that none has, as after an error on a full heap, is given to the
 * completer again; until that works its lease is left to end.
 *
 * <p>The answer to an extension also names the jobs that are to be cancelled. A hint of the broker only makes the
 * keeper ask at once, since a hint may be about another job of the same id, as of an application beside this one.
 *
 * <p>Runs on a platform thread of its own, which never runs user code, and is the last part of a worker to stop.
 * Thread-safe.
 */
final class LeaseKeeper implements LoopService {

    private static final Logger log = LoggerFactory.getLogger(LogNames.JOB);

    /** Most leases in one request. */
    private static final int MOST_AT_ONCE = 500;

    /** How many lease times nothing new is started beside an isolated job. */
    private static final int ISOLATION_LEASES = 4;

    private final LongAdder ended = new LongAdder();
    private final Broker broker;
    private final Observers observers;
    private final Clock clock;
    private final Duration duration;
    private final Outages outages;
    private final Pulse extended;
    private final Loop loop;
    private LongSupplier eachRound = () -> Long.MAX_VALUE;
    private Consumer<Run> finishDropped = run -> {};
    /** Confined to the loop. */
    private long extendAtNanos;

    private final Map<String, Lease> leases = new ConcurrentHashMap<>();
    /** Those with a job for which a cancel may have been requested. */
    private final Set<Lease> hinted = ConcurrentHashMap.newKeySet();

    LeaseKeeper(Broker broker, Observers observers, Clock clock, Duration duration, String name) {
        this.broker = broker;
        this.observers = observers;
        this.clock = clock;
        this.duration = duration;
        this.outages = observers.outages();
        this.extended = new Pulse(
                "extend", clock, Duty.allowed(duration.dividedBy(3)), "leases of running jobs could not be extended");
        this.extendAtNanos = clock.nanos();
        this.loop = new Loop(name, clock, this::round);
    }

    /**
     * Something small to do, at least as often as leases are extended; says when again. Called once, before the start.
     */
    void eachRound(LongSupplier action) {
        eachRound = action;
    }

    /** When all leases were last extended. */
    Duty extended() {
        return extended;
    }

    /** What is done for a run that no part of the worker has any more. Called once, before the start. */
    void whenDropped(Consumer<Run> action) {
        finishDropped = action;
    }

    @Override
    public Loop loop() {
        return loop;
    }

    /**
     * Keeps the lease of a claim from now on.
     *
     * @param sentNanos when the broker was asked
     * @return the runs of its jobs
     */
    List<Run> keep(QueueConsumer consumer, String token, long sentNanos, List<Claim> claims) {
        Lease lease = new Lease(consumer, token, clock, sentNanos, sentNanos + duration.toNanos(), claims.size());
        List<Run> runs = new ArrayList<>(claims.size());
        for (Claim claim : claims) {
            Run run = new Run(consumer, claim, lease);
            lease.add(run);
            runs.add(run);
        }
        leases.put(token, lease);
        return runs;
    }

    /** The broker has recorded how the run ended, or refused it: the lease need not be kept for this job. */
    void recorded(Run run) {
        ended.increment();
        if (run.lease().remove(run.jobId())) {
            leases.remove(run.lease().token());
        }
    }

    /** How many runs ended and are recorded, or refused, ever. */
    long ended() {
        return ended.sum();
    }

    /** Every run whose end is not recorded yet. */
    List<Run> runs() {
        List<Run> all = new ArrayList<>();
        leases.values().forEach(lease -> all.addAll(lease.runs()));
        return all;
    }

    /** A cancel of this job may have been requested. If it is held here, the broker is asked. */
    void askIfCancelled(String queue, String id) {
        for (Lease lease : leases.values()) {
            if (!lease.consumer().queue().equals(queue) || !lease.holds(id)) {
                continue;
            }
            if (broker.abilities().contains(Ability.LEASES)) {
                hinted.add(lease);
                loop.wake();
            } else {
                // There is nobody to ask: the hint is all there is.
                lease.cancel(id);
            }
        }
    }

    /** Leases come first: the rest may fail. */
    private long round() {
        long now = clock.nanos();
        if (extendAtNanos - now <= 0) {
            extendAtNanos = now + duration.toNanos() / 3;
            hinted.clear();
            lookAfterRuns(now);
            extendAll(now);
        } else {
            List<Lease> asked = List.copyOf(hinted);
            asked.forEach(hinted::remove);
            byQueue(asked, now).forEach((queue, held) -> extend(queue, held, () -> {}));
        }
        // From now on, and not from the beginning of a round that may have taken long.
        AtomicLong wait = new AtomicLong(extendAtNanos - clock.nanos());
        Safely.run("listing the worker", () -> wait.set(Math.min(wait.get(), eachRound.getAsLong())));
        return wait.get();
    }

    /** Finishes dropped runs, and ends the isolation of one that has run for long without killing its process. */
    private void lookAfterRuns(long now) {
        for (Lease lease : leases.values()) {
            for (Run run : lease.runs()) {
                if (isOverdue(run, now) && run.suspect()) {
                    // Seen for the first time: perhaps the whole process was suspended, and its threads go on soon.
                    continue;
                }
                if (!isHeld(run, now)) {
                    Safely.run("finishing job " + run.jobId(), () -> finishDropped.accept(run));
                } else if (run.isIsolated() && lastsLong(run, now)) {
                    Safely.run("ending an isolation", () -> run.consumer().endIsolation(run));
                }
            }
            Safely.run("recording what waits", lease.consumer()::completeWaiting);
        }
    }

    /** Whether it has run, or waited for its place, for longer than a job is isolated. */
    private boolean lastsLong(Run run, long now) {
        return switch (run.stage()) {
            case WAITING, RUNNING -> now - run.sinceNanos() >= ISOLATION_LEASES * duration.toNanos();
            case CLAIMED, STORING, RECORDING, DROPPED -> false;
        };
    }

    /** Whether a part of the worker has this run: a thread, the result backend, or the completer. */
    private boolean isHeld(Run run, long now) {
        return run.stage() != Run.Stage.DROPPED && !(isOverdue(run, now) && run.isSuspect());
    }

    /** Whether a stage lasts longer than it may. */
    private boolean isOverdue(Run run, long now) {
        return switch (run.stage()) {
            case CLAIMED, STORING -> now - run.sinceNanos() >= duration.toNanos();
            case WAITING, RUNNING, RECORDING, DROPPED -> false;
        };
    }

    /** What this worker has to do every third of the lease time is done when the last request is answered. */
    private void extendAll(long now) {
        Map<String, List<Lease>> byQueue = byQueue(leases.values(), now);
        AtomicInteger unanswered = new AtomicInteger(byQueue.size());
        if (byQueue.isEmpty()) {
            extended.beat();
        }
        byQueue.forEach((queue, held) -> extend(queue, held, () -> {
            if (unanswered.decrementAndGet() == 0) {
                extended.beat();
            }
        }));
    }

    private Map<String, List<Lease>> byQueue(Collection<Lease> some, long now) {
        Map<String, List<Lease>> byQueue = new HashMap<>();
        for (Lease lease : some) {
            if (!lease.isLost() && lease.runs().stream().anyMatch(run -> isHeld(run, now))) {
                byQueue.computeIfAbsent(lease.consumer().queue(), queue -> new ArrayList<>())
                        .add(lease);
            }
        }
        return byQueue;
    }

    /** Extends leases of one queue, a part of them in each request; {@code done} runs when all are answered. */
    private void extend(String queue, List<Lease> held, Runnable done) {
        AtomicInteger unanswered = new AtomicInteger((held.size() + MOST_AT_ONCE - 1) / MOST_AT_ONCE);
        for (int from = 0; from < held.size(); from += MOST_AT_ONCE) {
            List<Lease> part = held.subList(from, Math.min(held.size(), from + MOST_AT_ONCE));
            Safely.run(
                    "queue " + queue + ": extending leases",
                    () -> extendPart(queue, part, () -> {
                        if (unanswered.decrementAndGet() == 0) {
                            done.run();
                        }
                    }));
        }
    }

    private void extendPart(String queue, List<Lease> held, Runnable done) {
        long sentNanos = clock.nanos();
        long validUntil = sentNanos + duration.toNanos();
        String request = "queue " + queue + ": extend";
        List<String> tokens = held.stream().map(Lease::token).toList();
        observers.ask("extend", queue, tokens.size(), () -> ask(queue, tokens)).whenComplete((replies, failure) -> {
            if (failure != null) {
                outages.failed(
                        request,
                        sentNanos,
                        !Answers.isUnanswered(failure),
                        "queue " + queue + ": " + Texts.count(held.size(), "lease")
                                + " could not be extended; tried again in " + Texts.duration(duration.dividedBy(3))
                                + ", and jobs whose lease ends are run again by others: "
                                + Answers.message(failure));
                return;
            }
            done.run();
            outages.worked(request);
            for (int i = 0; i < held.size(); i++) {
                Lease lease = held.get(i);
                ExtendReply reply = replies.get(i);
                Safely.run("keeping lease " + lease.token(), () -> apply(lease, reply, validUntil));
            }
        });
    }

    /** Where leases do not end by time there is nothing to extend. */
    private CompletableFuture<List<ExtendReply>> ask(String queue, List<String> tokens) {
        return broker.abilities().contains(Ability.LEASES)
                ? broker.leases().extend(queue, tokens, duration.toMillis())
                : CompletableFuture.completedFuture(Collections.nCopies(tokens.size(), ExtendReply.ALIVE));
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
        for (Run run : lease.runs()) {
            // One that has ended is about to be recorded, and may have been recorded just before the broker looked.
            if (!run.hasEnded()) {
                log.warn(
                        "job {} of task {} on queue {}: the lease ended while it ran here (attempt {}); what it returns"
                                + " is dropped and another worker runs it again",
                        run.jobId(),
                        run.task(),
                        run.queue(),
                        run.attempt());
                run.leaseLost();
            }
        }
    }
}
