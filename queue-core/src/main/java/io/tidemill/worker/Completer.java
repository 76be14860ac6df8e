package io.tidemill.worker;

import io.tidemill.async.Answers;
import io.tidemill.async.Safely;
import io.tidemill.batch.BatchLimits;
import io.tidemill.batch.Coalescer;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.text.Texts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Records at the broker how the runs of one queue ended. Completions that gather while a request is in flight go out
 * together, and the same request claims as many jobs as slots are free by then. What the broker did not take is sent
 * again after a second, until it is recorded or the lease is known to have ended.
 *
 * <p>Thread-safe. Never blocks; replies are handled on the broker's threads.
 */
final class Completer {

    private static final String RECORD = "recording how runs ended";

    private static final Duration RETRY = Duration.ofSeconds(1);

    /** While the broker handles one half of the jobs, the completions of the other half are already on their way. */
    private static final int REQUESTS = 2;

    private static final int MOST_BYTES = 1 << 20;

    private static final CompletableFuture<Void> NOTHING = CompletableFuture.completedFuture(null);

    private final String queue;
    private final Claimer claimer;
    private final QueueConsumer.Shared shared;
    private final Fetcher fetcher;
    private final RunReporter reporter;
    private final Coalescer<Ended, CompletionReply> requests;

    /**
     * A completer with nothing to record.
     *
     * @param claimer claims with the same requests
     */
    Completer(String queue, Claimer claimer, QueueConsumer.Shared shared, Fetcher fetcher, RunReporter reporter) {
        this.queue = queue;
        this.claimer = claimer;
        this.shared = shared;
        this.fetcher = fetcher;
        this.reporter = reporter;
        BatchLimits limits = new BatchLimits(
                batch(shared.options().concurrency()),
                MOST_BYTES,
                Integer.MAX_VALUE,
                Long.MAX_VALUE,
                Long.MAX_VALUE,
                REQUESTS);
        this.requests = new Coalescer<>(
                limits, ended -> ended.verdict().bytes(), shared.clock()::nanos, Runnable::run, this::send);
    }

    /**
     * Half of all jobs in one request: while the broker records them and looks for the next, the other half runs. With
     * all of them in one request the two would wait for each other. What waits is bounded by the slots, since nothing
     * is claimed while a completion is not recorded.
     */
    private static int batch(int concurrency) {
        return Math.min(Claimer.MOST_AT_ONCE, (concurrency + 1) / 2);
    }

    /** Whether nothing waits and nothing is in flight. */
    boolean isIdle() {
        return requests.isIdle();
    }

    /** Records how a run ended, as soon as a request is free. What is thrown says that it was not taken. */
    void complete(Ended ended) {
        Run run = ended.run();
        run.complete(ended);
        CompletableFuture<CompletionReply> reply = requests.submit(ended);
        // After the request is over and not from within it: whoever waits for this queue to be idle looks again then.
        Safely.run(
                "what follows on a completion",
                () -> reply.whenComplete((done, failure) -> {
                    if (failure != null) {
                        run.drop();
                    }
                    shared.changed().run();
                }));
    }

    /** Sends what waits, if an error kept it from being sent. */
    void sendWaiting() {
        requests.sendNext();
    }

    /** Sends a batch, with a claim for the slots that it frees. */
    private CompletableFuture<List<CompletionReply>> send(List<Ended> batch) {
        EndedRuns parts = new EndedRuns(batch);
        leaveSlots(batch);
        Claimer.Wanted wanted = wantMore();
        return CompletableFuture.allOf(
                        complete(parts.completed(), wanted), fail(parts.failed()), release(parts.released()))
                // Each part has handled its answers by now. The coalescer needs to know that the request is over.
                .thenApply(nothing ->
                        batch.stream().map(ended -> CompletionReply.SETTLED).toList());
    }

    /** The slots are free from now on. No other queue is woken yet: this one asks for them first. */
    private void leaveSlots(List<Ended> batch) {
        int freed = 0;
        for (Ended ended : batch) {
            if (ended.run().leaveSlot()) {
                freed++;
            }
            if (ended.run().endIsolation()) {
                shared.slots().endIsolation();
            }
        }
        shared.slots().give(claimer, freed);
    }

    /** What there is to record goes out whether or not more can be claimed. */
    private Claimer.@Nullable Wanted wantMore() {
        try {
            return claimer.want(Claimer.MOST_AT_ONCE);
        } catch (Throwable t) {
            // The slots that came free may be what another queue waits for.
            Safely.run("waking another queue", () -> claimer.giveBack(0));
            return null;
        }
    }

    private CompletableFuture<Void> complete(
            EndedRuns.Part<Completion.Succeeded> part, Claimer.@Nullable Wanted wanted) {
        if (part.isEmpty()) {
            if (wanted != null) {
                claimer.claim(wanted);
            }
            return NOTHING;
        }
        ClaimRequest claim = wanted == null ? null : wanted.request();
        return shared.observers()
                .ask("complete", queue, part.size(), () -> shared.broker().complete(queue, part.completions(), claim))
                .whenComplete((reply, failure) -> {
                    if (wanted != null) {
                        claimer.claimed("complete and claim", wanted, reply == null ? null : reply.claimed(), failure);
                    }
                })
                .handle((reply, failure) -> answered(part, reply == null ? null : reply.settled(), failure));
    }

    private CompletableFuture<Void> fail(EndedRuns.Part<Completion.Failed> part) {
        return part.isEmpty()
                ? NOTHING
                : shared.observers()
                        .ask("fail", queue, part.size(), () -> shared.broker().fail(queue, part.completions()))
                        .handle((replies, failure) -> answered(part, replies, failure));
    }

    private CompletableFuture<Void> release(EndedRuns.Part<Completion.Release> part) {
        return part.isEmpty()
                ? NOTHING
                : shared.observers()
                        .ask(
                                "release",
                                queue,
                                part.size(),
                                () -> shared.broker().release(queue, part.completions()))
                        .handle((replies, failure) -> answered(part, replies, failure));
    }

    /** One request was answered, or failed: then {@code replies} is null. */
    private @Nullable Void answered(
            EndedRuns.Part<?> part, @Nullable List<CompletionReply> replies, @Nullable Throwable failure) {
        int resent = countResent(part);
        List<Recorded> recorded = new ArrayList<>(part.size());
        int failed = 0;
        for (int i = 0; i < part.size(); i++) {
            Ended ended = part.runs().get(i);
            CompletionReply reply = replies == null ? CompletionReply.UNKNOWN : replies.get(i);
            if (reply != CompletionReply.UNKNOWN) {
                recorded.add(new Recorded(ended, reply));
            } else if (ended.run().lease().isLost()) {
                // There is no answer and the lease has ended: it may be recorded, as one that was sent again may be.
                recorded.add(new Recorded(ended.again(), CompletionReply.STALE));
            } else {
                // As long as nobody else is known to have the job, the work that was done can still be recorded.
                failed++;
                completeLater(ended.again());
            }
        }
        recorded.forEach(each -> shared.leases().recorded(each.ended().run()));
        logOutage(failed, resent, failure);
        if (recorded.stream().anyMatch(Recorded::leavesMessages)) {
            shared.post().look(queue);
        }
        reporter.report(recorded);
        return null;
    }

    /** Counts those that were sent again. This must not fail, or nothing would be claimed any more. */
    private int countResent(EndedRuns.Part<?> part) {
        int resent = 0;
        for (Ended ended : part.runs()) {
            if (!ended.holdsSlot()) {
                claimer.resent();
                resent++;
            }
        }
        return resent;
    }

    private void completeLater(Ended again) {
        // First, as no error may keep it from being sent; what is counted is then counted down in any case.
        fetcher.later(() -> resend(again), RETRY.toNanos());
        claimer.unrecorded();
    }

    private void resend(Ended again) {
        try {
            complete(again);
        } catch (Throwable t) {
            // The heap or the stack ended: the lease keeper finds the run and has it recorded.
            again.run().drop();
            throw t;
        }
    }

    private void logOutage(int failed, int resent, @Nullable Throwable failure) {
        if (failed > 0) {
            String why = failure == null ? "a part of the broker did not answer" : Answers.message(failure);
            shared.observers()
                    .outages()
                    .failed(
                            "queue " + queue + ": " + RECORD,
                            shared.clock().nanos(),
                            true,
                            "queue " + queue + ": how " + Texts.count(failed, "run")
                                    + " ended is not recorded yet, tried again in " + Texts.duration(RETRY)
                                    + "; nothing new is claimed until then: " + why);
        } else if (resent > 0 && claimer.mayClaim()) {
            shared.observers().outages().worked("queue " + queue + ": " + RECORD);
            fetcher.lookAt(claimer, shared.clock().nanos());
        }
    }
}
