package io.tidemill.worker;

import io.tidemill.task.WorkerOptions;
import io.tidemill.async.Safely;
import io.tidemill.batch.Coalescer;
import io.tidemill.broker.Broker;
import io.tidemill.task.BrokerException;
import io.tidemill.task.BrokerException.Outcome;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimOffer;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.CompleteReply;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.broker.JobBrief;
import io.tidemill.observe.Observers;
import io.tidemill.event.QueueEvent;
import io.tidemill.record.JobCodec;
import io.tidemill.text.Texts;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One queue of a worker: claims jobs into free slots, and records how runs ended.
 *
 * <p>An idle lane claims when the {@link Fetcher} says that there may be something. A busy one needs no fetcher:
 * completions that gather while a call is in flight go out together, and the same call claims as many jobs as slots are
 * free by then.
 *
 * <p>A slot is held from before the claim is sent until the job's completion is sent, so the number of jobs that this
 * process holds never exceeds its concurrency, whatever the broker's speed.
 *
 * <p>Thread-safe. Nothing in here blocks; replies are handled on the broker's threads, user code and listeners run on
 * the executor.
 */
final class Lane {

    private static final Logger log = LoggerFactory.getLogger(Lane.class);

    private static final String RECORD = "recording how runs ended";

    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final long RETRY_NANOS = RETRY.toNanos();
    private static final long NO_THREAD_MILLIS = 1000;
    /** Most jobs in one call: more are no cheaper for each, and hold up everybody else on the same Redis. */
    private static final int MOST_AT_ONCE = 100;

    /** While the broker is at one half of the jobs, the completions of the other half are already on their way. */
    private static final int CALLS = 2;

    /** What all lanes of a worker share. */
    record Shared(
            Broker broker,
            Clock clock,
            Slots slots,
            LeaseKeeper leases,
            Observers observers,
            Executor executor,
            WorkerOptions options,
            String workerId,
            Runnable changed) {}

    private final String queue;
    private final String name;
    private final Shared shared;
    private final Fetcher fetcher;
    private final Consumer<Attempt> runner;
    private final Coalescer<Ended, CompletionReply> settling;
    /** How many claims were made: the broker tells by the number which of them have come. */
    private final AtomicLong claims = new AtomicLong();
    /** Claims in flight, alone or with completions. */
    private final AtomicInteger claiming = new AtomicInteger();
    /**
     * Completions that the broker did not take and that are to be sent again. While there are any, nothing is claimed.
     */
    private final AtomicInteger unrecorded = new AtomicInteger();

    private volatile boolean open = true;
    /** Whether the last claim took all there was and slots were left over. */
    private volatile boolean isDrained;

    private volatile long lookAtNanos;

    /**
     * A lane that has claimed nothing yet.
     *
     * @param name how its tokens begin: tells it from all other lanes
     */
    Lane(String queue, String name, Shared shared, Fetcher fetcher, Consumer<Attempt> runner) {
        this.queue = queue;
        this.name = name;
        this.shared = shared;
        this.fetcher = fetcher;
        this.runner = runner;
        Coalescer.Limits limits = new Coalescer.Limits(
                batch(shared.options().concurrency()),
                1 << 20,
                Integer.MAX_VALUE,
                Long.MAX_VALUE,
                Long.MAX_VALUE,
                CALLS);
        this.settling = new Coalescer<>(limits, Ended::weight, shared.clock()::nanos, Runnable::run, this::send);
        this.lookAtNanos = shared.clock().nanos();
    }

    /**
     * Half of all jobs in one call: while the broker records them and looks for the next, the other half runs. With all
     * of them in one call the two would wait for each other. What waits is bounded by the slots, as a job that is not
     * recorded keeps its lane from claiming.
     */
    private static int batch(int concurrency) {
        return Math.min(MOST_AT_ONCE, (concurrency + 1) / 2);
    }

    String queue() {
        return queue;
    }

    /** When to look at this queue even if nothing is heard of it, on the monotonic clock. */
    long lookAtNanos() {
        return lookAtNanos;
    }

    void lookAt(long nanos) {
        lookAtNanos = nanos;
    }

    /**
     * Claims if it still waits for slots. Several who give slots back name the lane that has waited longest; if it
     * looked for each of them, lanes would look in vain, wait again for that, and so keep each other awake for ever.
     */
    void feed() {
        if (shared.slots().isHungry(this)) {
            fetch();
        }
    }

    /** Claims into whatever slots are free. */
    void fetch() {
        lookAtNanos = shared.clock().nanos() + pollNanos();
        Wanted wanted = want(MOST_AT_ONCE);
        if (wanted != null) {
            claim(wanted);
        }
    }

    /** What this lane would take of so many jobs that are just being stored; null if it does not wait for any. */
    @Nullable
    ClaimOffer offer(int jobs) {
        Wanted wanted = isDrained && claiming.get() == 0 ? want(jobs) : null;
        if (wanted == null) {
            return null;
        }
        boolean fillsWorker = shared.slots().areAllTaken();
        return new ClaimOffer(
                wanted.request(), fillsWorker, (reply, failure) -> handedOver(wanted, fillsWorker, reply, failure));
    }

    private void handedOver(
            Wanted wanted, boolean fillsWorker, @Nullable ClaimReply reply, @Nullable Throwable failure) {
        if (wasRefused(failure)) {
            // Nothing was stored, which is for the caller to hear.
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

    private void claim(Wanted wanted) {
        try {
            shared.observers()
                    .ask("claim", queue, wanted.request().limit(), () -> shared.broker().claim(queue, wanted.request()))
                    .whenComplete((reply, failure) -> claimed("claim", wanted, reply, failure));
        } catch (Throwable t) {
            claimed("claim", wanted, null, t);
        }
    }

    /** Takes no more jobs. Those that are claimed already are given back unless they have begun. */
    void close() {
        open = false;
    }

    /** Whether no call is in flight or waiting to be sent. */
    boolean isIdle() {
        return claiming.get() == 0 && settling.isIdle();
    }

    /** Records how a run ended, as soon as a call is free. What is thrown says that it was not taken. */
    void settle(Ended ended) {
        Attempt attempt = ended.attempt();
        attempt.settle(ended);
        CompletableFuture<CompletionReply> settled = settling.submit(ended);
        // Told when the call has landed and not from within it: whoever waits for this lane to be idle looks again
        // then.
        Safely.run(
                "telling of an end",
                () -> settled.whenComplete((reply, failure) -> {
                    if (failure != null) {
                        attempt.strand();
                    }
                    shared.changed().run();
                }));
    }

    /** Sends what waits to be recorded, if an error kept that from going on. */
    void settleWaiting() {
        settling.sendNext();
    }

    /** The job goes back, as no thread was to be had for it: nothing of it ran. */
    void giveBack(Attempt attempt) {
        Completion back =
                new Completion.Release(attempt.jobId(), attempt.claim().token(), NO_THREAD_MILLIS);
        settle(new Ended(attempt, back, "no thread to run it on", Duration.ZERO, true));
    }

    /** An isolated job has gone on for so long that others may be started beside it. */
    void goOnBeside(Attempt attempt) {
        if (attempt.endIsolation()) {
            log.info(
                    "job {} of task {} on queue {} has run for a while: new jobs are started beside it again",
                    attempt.jobId(),
                    attempt.task(),
                    queue);
            shared.slots().endIsolation();
            giveBack(0);
        }
    }

    /** A claim that is about to be sent. */
    private record Wanted(ClaimRequest request, long sentNanos) {}

    private @Nullable Wanted want(int most) {
        if (!open || unrecorded.get() > 0) {
            return null;
        }
        Slots.Taken taken = shared.slots().take(this, Math.min(most, MOST_AT_ONCE));
        Lane next = taken.next();
        if (next != null && next != this) {
            Safely.run("waking a lane", () -> fetcher.wake(next));
        }
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
            shared.slots().give(taken.count());
            throw t;
        }
    }

    private void claimed(String hop, Wanted wanted, @Nullable ClaimReply reply, @Nullable Throwable failure) {
        isDrained = reply != null && reply.claims().size() < wanted.request().limit() && reply.moreInMillis() != 0;
        arrived(hop, wanted, reply, failure);
        if (reply != null && reply.claims().size() == wanted.request().limit()) {
            lookIfSlotsAreLeft();
        }
    }

    /**
     * Who gets all that he asks for no longer waits at the broker. If slots came free meanwhile, by a call beside this
     * one, nobody would tell of new jobs.
     */
    private void lookIfSlotsAreLeft() {
        if (claiming.get() == 0 && !shared.slots().areAllTaken()) {
            fetcher.lookAt(this, shared.clock().nanos());
        }
    }

    private void arrived(String hop, Wanted wanted, @Nullable ClaimReply reply, @Nullable Throwable failure) {
        try {
            List<Attempt> attempts = reply == null ? null : taken(hop, wanted, reply.claims());
            if (reply == null || attempts == null) {
                missed(hop, wanted, failure);
                return;
            }
            worked(hop);
            int unused = wanted.request().limit() - attempts.size();
            try {
                attempts.forEach(this::begin);
                // A claim that filled every slot needs no date: the next completion claims again.
                boolean canTakeMore = unused > 0 || wanted.request().limit() == MOST_AT_ONCE;
                if (canTakeMore && reply.moreInMillis() != ClaimReply.NOTHING_MORE) {
                    Duration wait = Duration.ofMillis(reply.moreInMillis());
                    fetcher.lookAt(this, shared.clock().nanos() + Math.min(pollNanos(), wait.toNanos()));
                }
            } finally {
                giveBack(unused);
            }
            tellExpired(reply.expired());
        } finally {
            claiming.decrementAndGet();
            shared.changed().run();
        }
    }

    /** No answer, or none that there was room for. */
    private void missed(String hop, Wanted wanted, @Nullable Throwable failure) {
        boolean isAskedAgain = false;
        try {
            failed(
                    hop,
                    wasRefused(failure),
                    call(hop) + " failed, tried again in " + Texts.duration(RETRY) + ": "
                            + (failure == null ? "no reply" : failure.getMessage()));
            fetcher.lookAt(this, shared.clock().nanos() + RETRY_NANOS);
            if (mayHoldJobs(wanted, failure)) {
                fetcher.later(() -> claimAgain(wanted), RETRY_NANOS);
                isAskedAgain = true;
            }
        } finally {
            if (!isAskedAgain) {
                giveBack(wanted.request().limit());
            }
        }
    }

    /**
     * Whether the claim may have been made although its answer is missing. Then the same token is asked for again: the
     * jobs that it holds would otherwise wait for a lease to end that nobody knows of, and be counted as crashed.
     */
    private boolean mayHoldJobs(Wanted wanted, @Nullable Throwable failure) {
        return open && !wasRefused(failure) && shared.clock().nanos() - wanted.sentNanos() < leaseNanos();
    }

    private static boolean wasRefused(@Nullable Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof BrokerException refused && refused.outcome() == Outcome.REFUSED;
    }

    private void failed(String hop, boolean isApart, String text) {
        shared.leases().outages().failed(call(hop), isApart, text);
    }

    private void worked(String hop) {
        if (shared.leases().outages().areKnown()) {
            shared.leases().outages().worked(call(hop));
        }
    }

    private String call(String hop) {
        return "queue " + queue + ": " + hop;
    }

    private void claimAgain(Wanted wanted) {
        claiming.incrementAndGet();
        claim(wanted);
    }

    private long leaseNanos() {
        return shared.options().lease().toNanos();
    }

    /** The runs of a claim, their lease watched; null if an error, as of a full heap, kept them from being made. */
    private @Nullable List<Attempt> taken(String hop, Wanted wanted, List<Claim> claims) {
        try {
            if (claims.isEmpty()) {
                return List.of();
            }
            Lease lease = shared.leases().lease(this, wanted.request().token(), wanted.sentNanos(), claims.size());
            List<Attempt> attempts = new ArrayList<>(claims.size());
            for (Claim claim : claims) {
                Attempt attempt = new Attempt(this, claim, lease);
                lease.add(attempt);
                attempts.add(attempt);
            }
            shared.leases().watch(lease);
            return attempts;
        } catch (Throwable t) {
            Safely.run("a log line", () -> log.error("queue {}: what {} brought cannot be held", queue, hop, t));
            return null;
        }
    }

    private void tellExpired(List<JobBrief> late) {
        if (!late.isEmpty()) {
            tellLater(() -> late.forEach(job ->
                    shared.observers().publish(new QueueEvent.Expired(queue, job.id(), JobCodec.taskOf(job.beginning())))));
        }
    }

    private void tellLater(Runnable told) {
        Safely.execute(shared.executor(), "queue " + queue + ": telling listeners", told);
    }

    private void begin(Attempt attempt) {
        if (attempt.isIsolated()) {
            log.warn(
                    "job {} on queue {}: its lease has ended {}, so nothing new is started here while it runs",
                    attempt.jobId(),
                    queue,
                    Texts.count(attempt.claim().lostLeases(), "time"));
            shared.slots().isolate();
        }
        // A call beside this one may have brought a job that nothing new is started beside: then these go back.
        if (!open) {
            attempt.stop(false);
        } else if (!attempt.isIsolated() && shared.slots().isSomethingAlone()) {
            attempt.giveBack("beside a job whose lease has ended again and again nothing new is started");
        }
        try {
            shared.executor().execute(() -> runner.accept(attempt));
        } catch (Throwable t) {
            // No thread is to be had. Nothing ran, so the job goes back, after a pause and for others.
            log.error("queue {}: no thread for job {}, it goes back: {}", queue, attempt.jobId(), t.getMessage());
            if (attempt.end()) {
                Safely.run("giving job " + attempt.jobId() + " back", () -> giveBack(attempt));
            }
        }
    }

    /**
     * Frees slots, and lets the lane look that went away hungry: perhaps this one, if it was woken while its own claim
     * held all slots.
     */
    private void giveBack(int slots) {
        Lane hungry = shared.slots().give(slots);
        if (hungry != null) {
            fetcher.wake(hungry);
        }
    }

    private long pollNanos() {
        return fetcher.pollNanos(shared.options().pollInterval());
    }

    /** Sends a batch of completions, with a claim for the slots that they free. */
    private CompletableFuture<List<CompletionReply>> send(List<Ended> batch) {
        List<Completion.Succeeded> succeeded = new ArrayList<>(batch.size());
        List<Completion.Failed> failed = new ArrayList<>();
        List<Completion.Release> released = new ArrayList<>();
        for (Ended ended : batch) {
            if (ended.completion() instanceof Completion.Succeeded done) {
                succeeded.add(done);
            } else if (ended.completion() instanceof Completion.Release release) {
                released.add(release);
            } else if (ended.completion() instanceof Completion.Failed end) {
                failed.add(end);
            }
        }
        leaveSlots(batch);
        Wanted wanted = wantMore();

        CompletableFuture<List<CompletionReply>> completed = complete(succeeded, wanted);
        CompletableFuture<List<CompletionReply>> notSucceeded =
                failed.isEmpty() ? none() : shared.observers().ask("fail", queue, failed.size(), () -> shared.broker().fail(queue, failed));
        CompletableFuture<List<CompletionReply>> givenBack =
                released.isEmpty() ? none() : shared.observers().ask("release", queue, released.size(), () -> shared.broker().release(queue, released));
        return CompletableFuture.allOf(completed, notSucceeded, givenBack).handle((all, failure) -> {
            recorded(batch, new Replies(completed, notSucceeded, givenBack));
            return batch.stream().map(ended -> CompletionReply.SETTLED).toList();
        });
    }

    private void leaveSlots(List<Ended> batch) {
        int freed = 0;
        for (Ended ended : batch) {
            if (ended.attempt().leaveSlot()) {
                freed++;
            }
            if (ended.attempt().endIsolation()) {
                shared.slots().endIsolation();
            }
        }
        shared.slots().give(freed);
    }

    /** What there is to record goes out whether or not more is to be had. */
    private @Nullable Wanted wantMore() {
        try {
            return want(MOST_AT_ONCE);
        } catch (Throwable t) {
            return null;
        }
    }

    private CompletableFuture<List<CompletionReply>> complete(
            List<Completion.Succeeded> succeeded, @Nullable Wanted wanted) {
        if (succeeded.isEmpty()) {
            if (wanted != null) {
                claim(wanted);
            }
            return none();
        }
        ClaimRequest claim = wanted == null ? null : wanted.request();
        return shared.observers()
                .ask("complete", queue, succeeded.size(), () -> shared.broker().complete(queue, succeeded, claim))
                .whenComplete((reply, failure) -> {
                    if (wanted != null) {
                        claimed("complete and claim", wanted, reply == null ? null : reply.claimed(), failure);
                    }
                })
                .thenApply(CompleteReply::settled);
    }

    private static CompletableFuture<List<CompletionReply>> none() {
        return CompletableFuture.completedFuture(List.of());
    }

    private void recorded(List<Ended> batch, Replies replies) {
        int resent = 0;
        for (Ended ended : batch) {
            if (!ended.holdsSlot()) {
                unrecorded.decrementAndGet();
                resent++;
            }
        }
        List<Ended> told = new ArrayList<>(batch.size());
        List<CompletionReply> answers = new ArrayList<>(batch.size());
        int failed = 0;
        for (Ended ended : batch) {
            CompletionReply reply = replies.next(ended.completion());
            if (reply == CompletionReply.UNKNOWN) {
                reply = null;
            }
            if (reply == null && !ended.attempt().lease().isLost()) {
                // As long as nobody else is known to have the job, the work that was done can still be recorded.
                failed++;
                settleLater(ended.again());
                continue;
            }
            shared.leases().settled(ended.attempt());
            // Whose lease is lost and whose answer, too: nobody knows, as when it is sent again.
            told.add(reply == null ? ended.again() : ended);
            answers.add(reply == null ? CompletionReply.STALE : reply);
        }
        if (failed > 0) {
            failed(
                    RECORD,
                    true,
                    "queue " + queue + ": what " + Texts.count(failed, "run")
                            + " came to is not recorded yet, tried again in "
                            + Texts.duration(RETRY) + "; nothing new is claimed until then: "
                            + replies.failure());
        } else if (resent > 0 && unrecorded.get() == 0) {
            worked(RECORD);
            fetcher.lookAt(this, shared.clock().nanos());
        }
        if (!told.isEmpty()) {
            tellLater(() -> tell(told, answers));
        }
    }

    private void settleLater(Ended again) {
        // First, as no error may keep it from being sent; what is counted is then counted down in any case.
        fetcher.later(() -> settle(again), RETRY_NANOS);
        unrecorded.incrementAndGet();
    }

    private void tell(List<Ended> batch, List<CompletionReply> replies) {
        for (int i = 0; i < batch.size(); i++) {
            Ended ended = batch.get(i);
            if (replies.get(i) == CompletionReply.STALE) {
                log.warn(
                        ended.mayBeRecorded()
                                ? "job {} of task {} on queue {}: whether what attempt {} came to was recorded is not"
                                        + " known, as the answer was lost; its lease has ended, and the job runs again"
                                        + " if it was not"
                                : "job {} of task {} on queue {}: what attempt {} came to was not recorded, as its"
                                        + " lease had ended; the job runs again, or already has",
                        ended.attempt().jobId(),
                        ended.attempt().task(),
                        queue,
                        ended.attempt().attempt());
            }
            QueueEvent event = ended.event(replies.get(i));
            logFailure(event, ended);
            shared.observers().publish(event);
        }
    }

    /** What went wrong is said even where nobody listens. */
    private static void logFailure(QueueEvent event, Ended ended) {
        if (event instanceof QueueEvent.Died) {
            log.warn(
                    "job {} of task {} on queue {} is dead after attempt {}: {}",
                    event.jobId(),
                    event.task(),
                    event.queue(),
                    event.attempt(),
                    ended.why());
        } else if (event instanceof QueueEvent.Retrying retrying) {
            log.info(
                    "job {} of task {} on queue {}: attempt {} failed, tried again in {}: {}",
                    event.jobId(),
                    event.task(),
                    event.queue(),
                    event.attempt(),
                    Texts.duration(retrying.delay()),
                    ended.why());
        } else if (event instanceof QueueEvent.Released) {
            log.info("job {} on queue {} goes back: {}", event.jobId(), event.queue(), ended.why());
        }
    }
}
