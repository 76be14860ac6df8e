package io.tidemill.redis;

import io.tidemill.async.Safely;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimOffer;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.NewJob;
import io.tidemill.redis.keys.KeyKind;
import io.tidemill.redis.keys.Keyspace;
import io.tidemill.redis.keys.WireText;
import io.tidemill.redis.script.Script;
import io.tidemill.redis.script.ScriptRequest;
import io.tidemill.task.Priority;
import io.tidemill.text.Names;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The sending half of one queue: stores jobs, and hands the first of them to a worker of this process that offers to
 * run them.
 *
 * <p>Thread-safe.
 */
final class Enqueues {

    /** A script that reads many records at once looks at their sizes if one is above this. */
    private static final int LARGE = 8_192;

    /** Between the script's part of a receipt and how often a connection had been lost before it was sent for. */
    private static final String AFTER = "/";

    private final Keyspace keys;
    private final QueueScripts scripts;
    private final Wakeups wakeups;
    private final LongSupplier losses;
    private final Function<ClaimRequest, CompletableFuture<ClaimReply>> claim;
    private final NumberedRequests numbered;

    Enqueues(
            QueueScripts scripts,
            String broker,
            Wakeups wakeups,
            LongSupplier losses,
            Function<ClaimRequest, CompletableFuture<ClaimReply>> claim) {
        keys = scripts.keys();
        this.scripts = scripts;
        this.wakeups = wakeups;
        this.losses = losses;
        this.claim = claim;
        numbered = new NumberedRequests(keys, broker, "enqueue");
    }

    /** Whether no request waits or is on its way. */
    boolean isIdle() {
        return numbered.isIdle();
    }

    CompletableFuture<List<EnqueueReply>> enqueue(List<NewJob> jobs) {
        int width = jobs.stream().mapToInt(Enqueues::width).max().orElse(1);
        boolean isFresh = jobs.stream().allMatch(NewJob::hasNewId);
        ScriptRequest request = scripts.of(Script.ENQUEUE)
                .unused(KeyKind.LEASE)
                .unused(KeyKind.TAKEN)
                .with("listeners", wakeups.workers(keys.queue()))
                .with("width", width)
                .with("fresh", isFresh ? "1" : "0")
                .with("limit", 0)
                .with("leaseMillis", 0);
        for (NewJob job : jobs) {
            request.addKey(keys.job(WireText.of("job id", job.id())));
            request.add(StoredJob.create(Priority.check(job.priority()), job.body()));
            if (width >= 2) {
                request.add(when(job));
            }
            if (width >= 3) {
                request.add(ConstraintsWriter.words(job.constraints()));
            }
            if (width == 4) {
                request.add(StoredPlan.step(job.constraints().step()));
            }
        }
        boolean mayBeHandedOver = width == 1 && isFresh;
        Deadline deadline = scripts.requests().deadline();
        return numbered.submit(number -> {
            numbered.number(request, number);
            long lossesBefore = losses.getAsLong();
            // A worker that offers holds slots until it is answered, so nothing may end between the offer and its
            // answer.
            Safely.reserveStackToSend();
            ClaimOffer offer = mayBeHandedOver ? wakeups.offer(keys.queue(), jobs.size()) : null;
            CompletableFuture<Reply> sent = offer == null
                    ? scripts.send(request, deadline)
                    : enqueueAndHandOver(jobs, request, offer, deadline);
            return sent.thenApply(reply -> stored(jobs, reply, lossesBefore));
        });
    }

    /** Stores jobs that a worker of this process may have at once. Its offer is answered whatever happens. */
    private CompletableFuture<Reply> enqueueAndHandOver(
            List<NewJob> jobs, ScriptRequest request, ClaimOffer offer, Deadline deadline) {
        return Safely.ask(() -> scripts.send(claiming(request, offer), deadline))
                .whenComplete((reply, failure) ->
                        Safely.run("answering a worker's offer", () -> answer(offer, jobs, reply, failure)));
    }

    private ScriptRequest claiming(ScriptRequest request, ClaimOffer offer) {
        ClaimRequest wanted = offer.request();
        return request.key(KeyKind.LEASE, keys.lease(wanted.token()))
                .key(KeyKind.TAKEN, keys.taken(Names.check("worker id", wanted.worker())))
                .with("token", Names.check("lease token", wanted.token()))
                .with("limit", wanted.limit())
                .with("leaseMillis", wanted.leaseMillis())
                .with("filled", offer.endsWaiting() ? wanted.worker() : "");
    }

    private void answer(ClaimOffer offer, List<NewJob> jobs, @Nullable Reply reply, @Nullable Throwable failure) {
        if (reply == null) {
            offer.answer(null, failure);
            return;
        }
        switch (reply.text("handed")) {
            case "1" -> offer.answer(handedOver(jobs, offer.request(), reply.serverMillis()), null);
            case "?" -> RedisQueue.orFailed(() -> claim.apply(offer.request())).whenComplete(offer::answer);
            default -> offer.answer(ClaimReply.EMPTY, null);
        }
    }

    private static ClaimReply handedOver(List<NewJob> jobs, ClaimRequest request, long now) {
        List<Claim> claims = new ArrayList<>(request.limit());
        for (NewJob job : jobs.subList(0, request.limit())) {
            claims.add(new Claim(job.id(), request.token(), job.body(), job.priority(), 0, 0, 0).claimedAt(now));
        }
        return new ClaimReply(claims, ClaimReply.NOTHING_MORE);
    }

    private List<EnqueueReply> stored(List<NewJob> jobs, Reply reply, long lossesBefore) {
        String woken = reply.text("woken");
        if (!woken.isEmpty()) {
            for (String worker : woken.split(",", -1)) {
                wakeups.wake(keys.queue(), worker);
            }
        }
        String receipt = reply.text("receipt");
        return replies(jobs, reply.text("refused"), receipt.isEmpty() ? null : receipt + AFTER + lossesBefore);
    }

    /**
     * The script's part of a receipt, if no connection was lost since before the job was stored; else ''. A Redis that
     * was restarted or failed over has lost its connections, and perhaps jobs that it had acknowledged.
     */
    String valid(@Nullable String receipt) {
        String now = AFTER + losses.getAsLong();
        return receipt != null && receipt.endsWith(now) ? receipt.substring(0, receipt.length() - now.length()) : "";
    }

    /** How many arguments a job takes: a plain one needs nothing beside its record. */
    private static int width(NewJob job) {
        if (!job.constraints().isNone()) {
            return job.constraints().step() == null ? 3 : 4;
        }
        boolean isPlain = job.priority() == Priority.DEFAULT
                && job.delayMillis() <= 0
                && job.dueMillis() == NewJob.NOW
                && StoredJob.HEAD + job.body().length <= LARGE;
        return isPlain ? 1 : 2;
    }

    private static String when(NewJob job) {
        if (job.delayMillis() <= 0 && job.dueMillis() == NewJob.NOW) {
            return "";
        }
        return Math.max(0, job.delayMillis()) + " " + Math.max(0, job.dueMillis());
    }

    /** A flag per job; for some of them the other job that it met, each after a space. */
    private static List<EnqueueReply> replies(List<NewJob> jobs, String refused, @Nullable String receipt) {
        EnqueueReply accepted = new EnqueueReply.Accepted(null, receipt);
        List<EnqueueReply> replies = new ArrayList<>(jobs.size());
        String[] words = refused.split(" ", -1);
        int nextWord = 1;
        for (int i = 0; i < jobs.size(); i++) {
            switch (refused.isEmpty() ? '1' : refused.charAt(i)) {
                case '1' -> replies.add(accepted);
                case 'p' -> replies.add(new EnqueueReply.Accepted(WireText.show(words[nextWord++]), receipt));
                case 'h' -> replies.add(new EnqueueReply.Duplicate(WireText.show(words[nextWord++])));
                case 'r' -> replies.add(new EnqueueReply.Rescheduled(WireText.show(words[nextWord++])));
                case 'u' -> replies.add(new EnqueueReply.Updated(WireText.show(words[nextWord++])));
                case 'o' -> replies.add(new EnqueueReply.Outdated(WireText.show(words[nextWord++])));
                case 's' -> replies.add(new EnqueueReply.Superseded(jobs.get(i).id()));
                default -> replies.add(new EnqueueReply.Duplicate(jobs.get(i).id()));
            }
        }
        return replies;
    }
}
