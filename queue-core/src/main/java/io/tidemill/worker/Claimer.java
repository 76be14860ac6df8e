package io.tidemill.worker;

import io.tidemill.async.Answers;
import io.tidemill.async.Safely;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimOffer;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.text.LogNames;
import io.tidemill.text.Texts;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims jobs of one queue into free slots. A claim goes alone, when the {@link Fetcher} says that there may be jobs;
 * with the completions that free its slots; or with jobs that this process stores, as an offer to run them.
 *
 * <p>A slot is held from before the claim is sent until the job's completion is sent, so the number of jobs that this
 * process holds never exceeds its concurrency, whatever the broker's speed.
 *
 * <p>Thread-safe. Never blocks; replies are handled on the broker's threads.
 */
final class Claimer {

    private static final Logger log = LoggerFactory.getLogger(LogNames.WORKER);

    /** Most jobs in one request: more are no cheaper for each, and hold up everybody else on the same Redis. */
    static final int MOST_AT_ONCE = 100;

    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final long RETRY_NANOS = RETRY.toNanos();

    /** A claim that is about to be sent. */
    record Wanted(ClaimRequest request, long sentNanos) {

        int slots() {
            return request.limit();
        }
    }

    private final QueueConsumer consumer;
    private final QueueConsumer.Shared shared;
    private final Fetcher fetcher;
    private final String queue;
    /** How the tokens of its claims begin: different from all others. */
    private final String name;
    /** How many claims were made. The broker knows by the number which of them it has seen. */
    private final AtomicLong claims = new AtomicLong();
    /** Claims in flight, alone or with completions. */
    private final AtomicInteger claiming = new AtomicInteger();
    /** Completions that are to be sent again. While there are any, nothing is claimed. */
    private final AtomicInteger unrecorded = new AtomicInteger();

    private volatile boolean open = true;
    /** Whether it claims nothing until that ends; what was claimed runs. */
    private volatile boolean isQuiet;
    /** Whether the last claim took all there was and slots were left over. */
    private volatile boolean isDrained;

    private volatile long lookAtNanos;
    private volatile long answeredNanos;
    private volatile boolean wasAnswered;

    /**
     * A claimer that has claimed nothing yet.
     *
     * @param consumer starts the runs of what is claimed
     */
    Claimer(QueueConsumer consumer, String name, QueueConsumer.Shared shared, Fetcher fetcher) {
        this.consumer = consumer;
        this.queue = consumer.queue();
        this.name = name;
        this.shared = shared;
        this.fetcher = fetcher;
        this.lookAtNanos = shared.clock().nanos();
        this.answeredNanos = lookAtNanos;
    }

    String queue() {
        return queue;
    }

    /** When to look at this queue even if no hint comes, on the monotonic clock. */
    long lookAtNanos() {
        return lookAtNanos;
    }

    void lookAt(long nanos) {
        lookAtNanos = nanos;
    }

    /** Takes no more jobs. */
    void close() {
        open = false;
    }

    /** Claims nothing until this is called with false. What is claimed already runs. */
    void quiet(boolean value) {
        isQuiet = value;
        if (value) {
            leaveLine();
        }
    }

    boolean isOpen() {
        return open;
    }

    /** Whether no claim is in flight. */
    boolean isIdle() {
        return claiming.get() == 0;
    }

    /** A completion is to be sent again: claims nothing until it was {@link #resent}. */
    void unrecorded() {
        unrecorded.incrementAndGet();
        leaveLine();
    }

    /** A completion that was to be sent again was sent. */
    void resent() {
        unrecorded.decrementAndGet();
    }

    /** Whether no completion is to be sent again. */
    boolean mayClaim() {
        return unrecorded.get() == 0;
    }

    /**
     * Claims if it still waits for slots. Several threads that free slots may all name the claimer that has waited
     * longest. If it asked for slots once for each of them, it would get none and wait again, and claimers would wake
     * each other without end.
     */
    void feed() {
        if (shared.slots().isWaiting(this)) {
            fetch();
        }
    }

    /** Claims into whatever slots are free. */
    void fetch() {
        long now = shared.clock().nanos();
        lookAtNanos = now + pollNanos();
        Wanted wanted = want(MOST_AT_ONCE);
        if (wanted != null) {
            claim(wanted);
        } else if (mayClaim() && isIdle()) {
            // Jobs have all slots: there is nothing to ask for. A claim without an answer holds slots, too.
            answeredNanos = now;
        }
    }

    /** Whether any claim was answered so far. */
    boolean wasAnswered() {
        return wasAnswered;
    }

    /** How long ago a claim was last answered, or nothing could be claimed as jobs had all slots. */
    Duration sinceAnswer() {
        return Duration.ofNanos(shared.clock().nanos() - answeredNanos);
    }

    /** What it would take of so many jobs that are just being stored; null if it does not wait for any. */
    @Nullable
    ClaimOffer offer(int jobs) {
        Wanted wanted = isDrained && isIdle() ? want(jobs) : null;
        if (wanted == null) {
            return null;
        }
        try {
            boolean fillsWorker = shared.slots().areAllTaken(this);
            return new ClaimOffer(
                    wanted.request(), fillsWorker, (reply, failure) -> handedOver(wanted, fillsWorker, reply, failure));
        } catch (Throwable t) {
            arrived("enqueue and claim", wanted, ClaimReply.EMPTY, null);
            throw t;
        }
    }

    private void handedOver(
            Wanted wanted, boolean fillsWorker, @Nullable ClaimReply reply, @Nullable Throwable failure) {
        if (Answers.isRefusal(failure)) {
            // Nothing was stored. The caller of enqueue gets the error.
            arrived("enqueue and claim", wanted, ClaimReply.EMPTY, null);
            return;
        }
        boolean isTaken = reply != null && !reply.claims().isEmpty();
        isDrained &= isTaken;
        arrived("enqueue and claim", wanted, reply, failure);
        if (isTaken && fillsWorker) {
            lookIfSlotsAreLeft();
        }
    }

    /** Takes slots for a claim, at most so many; null if there are none or nothing may be claimed now. */
    @Nullable
    Wanted want(int most) {
        if (!open || isQuiet || !mayClaim()) {
            leaveLine();
            return null;
        }
        Slots.Taken<Claimer> taken = shared.slots().take(this, Math.min(most, MOST_AT_ONCE));
        wake(taken.next());
        if (taken.count() == 0) {
            return null;
        }
        try {
            long leaseMillis = shared.options().lease().toMillis();
            String token = name + ":" + claims.incrementAndGet();
            ClaimRequest request = new ClaimRequest(shared.workerId(), token, taken.count(), leaseMillis);
            Wanted wanted = new Wanted(request, shared.clock().nanos());
            claiming.incrementAndGet();
            return wanted;
        } catch (Throwable t) {
            giveBack(taken.count());
            throw t;
        }
    }

    /** It may not claim now. If it waited for slots all the same, the claimers behind it would not get theirs. */
    private void leaveLine() {
        wake(shared.slots().leave(this));
    }

    private void wake(@Nullable Claimer next) {
        if (next != null && next != this) {
            Safely.run("waking another queue", () -> fetcher.wake(next));
        }
    }

    /** Sends a claim of its own. */
    void claim(Wanted wanted) {
        try {
            shared.observers()
                    .ask("claim", queue, wanted.slots(), () -> shared.broker().claim(queue, wanted.request()))
                    .whenComplete((reply, failure) -> claimed("claim", wanted, reply, failure));
        } catch (Throwable t) {
            claimed("claim", wanted, null, t);
        }
    }

    /**
     * A claim was answered, or failed.
     *
     * @param hop the request that it was part of
     */
    void claimed(String hop, Wanted wanted, @Nullable ClaimReply reply, @Nullable Throwable failure) {
        isDrained = reply != null && reply.claims().size() < wanted.slots() && reply.moreInMillis() != 0;
        arrived(hop, wanted, reply, failure);
        if (reply != null && reply.claims().size() == wanted.slots()) {
            lookIfSlotsAreLeft();
        }
    }

    /**
     * A worker that gets all that it asked for no longer waits at the broker. If slots came free meanwhile, through
     * another request, no hint of new jobs would come for them.
     */
    private void lookIfSlotsAreLeft() {
        if (isIdle() && !shared.slots().areAllTaken(this)) {
            fetcher.lookAt(this, shared.clock().nanos());
        }
    }

    private void arrived(String hop, Wanted wanted, @Nullable ClaimReply reply, @Nullable Throwable failure) {
        try {
            List<Run> runs = reply == null ? null : runs(hop, wanted, reply.claims());
            if (reply == null || runs == null) {
                missed(hop, wanted, failure);
                return;
            }
            answeredNanos = shared.clock().nanos();
            wasAnswered = true;
            if (shared.observers().outages().areKnown()) {
                shared.observers().outages().worked(request(hop));
            }
            int unused = wanted.slots() - runs.size();
            try {
                runs.forEach(consumer::start);
                // A claim that filled every slot needs no date: the next completion claims again.
                boolean canTakeMore = unused > 0 || wanted.slots() == MOST_AT_ONCE;
                if (canTakeMore && reply.moreInMillis() != ClaimReply.NOTHING_MORE) {
                    Duration wait = Duration.ofMillis(reply.moreInMillis());
                    fetcher.lookAt(this, shared.clock().nanos() + Math.min(pollNanos(), wait.toNanos()));
                }
            } finally {
                giveBack(unused);
            }
            consumer.expired(reply.expired());
        } finally {
            claiming.decrementAndGet();
            shared.changed().run();
        }
    }

    /**
     * The runs of a claim, under a lease that is kept; null if an error, as of a full heap, kept them from being made.
     */
    private @Nullable List<Run> runs(String hop, Wanted wanted, List<Claim> claims) {
        try {
            return claims.isEmpty()
                    ? List.of()
                    : shared.leases().keep(consumer, wanted.request().token(), wanted.sentNanos(), claims);
        } catch (Throwable t) {
            Safely.run(
                    "a log line", () -> log.error("queue {}: the jobs of {} cannot be kept in memory", queue, hop, t));
            return null;
        }
    }

    /** There is no answer, or no memory for it. */
    private void missed(String hop, Wanted wanted, @Nullable Throwable failure) {
        boolean isAskedAgain = false;
        try {
            shared.observers()
                    .outages()
                    .failed(
                            request(hop),
                            wanted.sentNanos(),
                            !Answers.isUnanswered(failure),
                            request(hop) + " failed, tried again in " + Texts.duration(RETRY) + ": "
                                    + (failure == null ? "no reply" : Answers.message(failure)));
            fetcher.lookAt(this, shared.clock().nanos() + RETRY_NANOS);
            if (mayHoldJobs(wanted, failure)) {
                fetcher.later(() -> claimAgain(wanted), RETRY_NANOS);
                isAskedAgain = true;
            }
        } finally {
            if (!isAskedAgain) {
                giveBack(wanted.slots());
            }
        }
    }

    /**
     * Whether the claim may have been made although its answer is missing. Then it is asked again with the same token:
     * otherwise its jobs would wait until their lease ends, which no worker extends, and a lost lease would be counted.
     */
    private boolean mayHoldJobs(Wanted wanted, @Nullable Throwable failure) {
        long age = shared.clock().nanos() - wanted.sentNanos();
        return open
                && !Answers.isRefusal(failure)
                && age < shared.options().lease().toNanos();
    }

    private void claimAgain(Wanted wanted) {
        claiming.incrementAndGet();
        claim(wanted);
    }

    private String request(String hop) {
        return "queue " + queue + ": " + hop;
    }

    /**
     * Frees slots, and lets the claimer look that got none and has waited longest: perhaps this one, if it was woken
     * while its own claim held all slots.
     */
    void giveBack(int slots) {
        Claimer longest = shared.slots().give(this, slots);
        if (longest != null) {
            fetcher.wake(longest);
        }
    }

    private long pollNanos() {
        return fetcher.pollNanos(shared.options().pollInterval());
    }
}
