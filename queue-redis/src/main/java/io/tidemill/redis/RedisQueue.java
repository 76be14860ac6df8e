package io.tidemill.redis;

import io.lettuce.core.api.StatefulConnection;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.CompleteReply;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.ExtendReply;
import io.tidemill.broker.JobBrief;
import io.tidemill.broker.JobScan;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.RecoverReply;
import io.tidemill.queue.CancelReply;
import io.tidemill.queue.HistoryCounts;
import io.tidemill.queue.HistoryRange;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.Limits;
import io.tidemill.queue.QueueCounts;
import io.tidemill.queue.QueueCounts.Count;
import io.tidemill.queue.QueueHistory;
import io.tidemill.queue.QueueLimits;
import io.tidemill.redis.keys.KeyKind;
import io.tidemill.redis.keys.Keyspace;
import io.tidemill.redis.keys.WireText;
import io.tidemill.redis.script.Script;
import io.tidemill.redis.script.ScriptRequest;
import io.tidemill.task.JobState;
import io.tidemill.text.JobIds;
import io.tidemill.text.Names;
import io.tidemill.text.Texts;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One queue as one broker object talks to it: a method per hop that fills in the script's request and reads its reply.
 * The headers of the scripts say what the names mean. Long, because it has a method for each hop.
 *
 * <p>Thread-safe.
 */
final class RedisQueue {

    private static final Logger LOG = LoggerFactory.getLogger(RedisBroker.class);
    private static final byte[] NO_FAILURE = {};
    /** A worker of a newer version has this long to claim a job that it stored, before we see it again. */
    private static final long LEFT_ALONE_MILLIS = 30_000;

    private final Keyspace keys;
    private final QueueScripts scripts;
    private final QueueScripts heartbeats;
    private final Wakeups wakeups;
    private final Enqueues enqueues;
    private final List<NumberedRequests> completes;
    private final AtomicInteger completed = new AtomicInteger();
    private final NumberedRequests fails;
    private final NumberedRequests releases;
    private final NumberedRequests cancels;
    private final NumberedRequests additions;
    private final Follows follows;

    RedisQueue(
            Keyspace keys,
            String broker,
            Requests requests,
            Connector<StatefulConnection<byte[], byte[]>> commands,
            Connector<StatefulConnection<byte[], byte[]>> heartbeats,
            Wakeups wakeups,
            LongSupplier losses) {
        this.keys = keys;
        this.wakeups = wakeups;
        scripts = new QueueScripts(keys, requests, commands);
        this.heartbeats = new QueueScripts(keys, requests, heartbeats);
        enqueues = new Enqueues(scripts, broker, wakeups, losses, this::claim);
        completes = List.of(
                new NumberedRequests(keys, broker, "complete"), new NumberedRequests(keys, broker, "complete2"));
        fails = new NumberedRequests(keys, broker, "fail");
        releases = new NumberedRequests(keys, broker, "release");
        cancels = new NumberedRequests(keys, broker, "cancel");
        additions = new NumberedRequests(keys, broker, "add");
        follows = new Follows(scripts, broker, this);
    }

    /** Whether no numbered request waits or is on its way. */
    boolean isIdle() {
        return enqueues.isIdle()
                && completes.stream().allMatch(NumberedRequests::isIdle)
                && fails.isIdle()
                && releases.isIdle()
                && cancels.isIdle()
                && additions.isIdle()
                && follows.isIdle();
    }

    CompletableFuture<List<EnqueueReply>> enqueue(List<NewJob> jobs) {
        return enqueues.enqueue(jobs);
    }

    CompletableFuture<ClaimReply> claim(ClaimRequest request) {
        return scripts.send(
                        claiming(scripts.of(Script.CLAIM), request),
                        scripts.requests().deadline(request))
                .thenApply(reply -> claimed(request, reply));
    }

    CompletableFuture<CompleteReply> complete(List<Completion.Succeeded> succeeded, @Nullable ClaimRequest next) {
        for (Completion.Succeeded run : succeeded) {
            if (run.followers() != null) {
                return follows.complete(succeeded, next);
            }
        }
        return completeAll(succeeded, next);
    }

    CompletableFuture<CompleteReply> completeAll(List<Completion.Succeeded> succeeded, @Nullable ClaimRequest next) {
        ScriptRequest request = claiming(scripts.of(Script.COMPLETE), next);
        Settled settled = Settled.byLease(keys, request, succeeded);
        // Two at a time: completions need no order among each other.
        NumberedRequests track = completes.get(Math.floorMod(completed.getAndIncrement(), completes.size()));
        return scripts.inTurn(track, request, scripts.requests().deadline(next))
                .thenApply(reply -> new CompleteReply(
                        settled.read(reply.text("stale")), next == null ? null : claimed(next, reply)));
    }

    /** A request with a claim, or with none. */
    ScriptRequest claiming(ScriptRequest request, @Nullable ClaimRequest claim) {
        if (claim == null) {
            return request.unused(KeyKind.LEASE)
                    .unused(KeyKind.TAKEN)
                    .with("limit", 0)
                    .with("leaseMillis", 0);
        }
        return request.key(KeyKind.LEASE, keys.lease(Names.check("lease token", claim.token())))
                .key(KeyKind.TAKEN, keys.taken(Names.check("worker id", claim.worker())))
                .with("worker", claim.worker())
                .with("token", claim.token())
                .with("limit", claim.limit())
                .with("leaseMillis", claim.leaseMillis());
    }

    CompletableFuture<List<CompletionReply>> fail(List<Completion.Failed> failed) {
        ScriptRequest request = scripts.of(Script.FAIL);
        for (Completion.Failed completion : failed) {
            String id = WireText.of("job id", completion.id());
            String token = completion.token();
            completion.match(
                    retry -> addFailed(request, id, token, "r", Math.max(0, retry.delayMillis()), retry.failure()),
                    dead -> addFailed(request, id, token, "d", 0, dead.failure()),
                    cancelled -> addFailed(request, id, token, "c", 0, NO_FAILURE));
        }
        return scripts.inTurn(fails, request)
                .thenApply(reply -> Settled.inOrder(failed.size()).read(reply.text("answers")));
    }

    private ScriptRequest addFailed(
            ScriptRequest request, String id, String token, String kind, long delayMillis, byte[] failure) {
        return request.addKey(keys.job(id))
                .add(token)
                .add(kind)
                .add(delayMillis)
                .add(failure);
    }

    CompletableFuture<List<CompletionReply>> release(List<Completion.Release> given) {
        ScriptRequest request = scripts.of(Script.RELEASE);
        for (Completion.Release release : given) {
            request.addKey(keys.job(WireText.of("job id", release.id())))
                    .add(release.token())
                    .add(Math.max(0, release.delayMillis()));
        }
        return scripts.inTurn(releases, request)
                .thenApply(reply -> Settled.inOrder(given.size()).read(reply.text("answers")));
    }

    /** What runs leave with their jobs. */
    QueueNotes notes() {
        return new QueueNotes(keys, scripts);
    }

    CompletableFuture<List<ExtendReply>> extend(List<String> tokens, long leaseMillis) {
        ScriptRequest request = heartbeats.of(Script.EXTEND).with("leaseMillis", leaseMillis);
        tokens.forEach(request::add);
        return heartbeats.send(request).thenApply(reply -> extended(tokens.size(), reply));
    }

    CompletableFuture<Integer> promote(int limit) {
        return scripts.send(scripts.of(Script.PROMOTE).with("limit", limit))
                .thenApply(reply -> (int) reply.number("moved"));
    }

    CompletableFuture<RecoverReply> recover(int limit, int maxLostLeases, byte[] failure) {
        return scripts.send(scripts.of(Script.RECOVER)
                        .with("limit", limit)
                        .with("maxLostLeases", maxLostLeases)
                        .with("failure", failure))
                .thenApply(reply -> new RecoverReply(
                        reply.briefs("ready", "readyBriefs"), reply.briefs("dead", "deadBriefs"), reply.is("more")));
    }

    CompletableFuture<List<JobBrief>> expire(int limit) {
        return scripts.send(scripts.of(Script.EXPIRE).with("limit", limit))
                .thenApply(reply -> reply.briefs("expired", "briefs"));
    }

    CompletableFuture<CancelReply> cancel(String id) {
        return scripts.inTurn(cancels, about(id, Script.CANCEL))
                .thenApply(reply -> CancelReply.valueOf(reply.text("answer")));
    }

    /** A request about one job and its result. */
    private ScriptRequest about(String id, Script script) {
        String wire = WireText.of("job id", id);
        return scripts.of(script)
                .key(KeyKind.JOB, keys.job(wire))
                .key(KeyKind.RESULT, keys.result(wire))
                .with("id", wire);
    }

    CompletableFuture<Optional<JobSnapshot>> find(String id, boolean notify, @Nullable String receipt) {
        String valid = enqueues.valid(receipt);
        ScriptRequest request = about(id, Script.FIND)
                .key(KeyKind.TOLD, keys.told(WireText.of("job id", id)))
                .with("notify", notify ? 1 : 0)
                .with("receipt", valid);
        CompletableFuture<Void> heard =
                notify ? wakeups.hearFinished(keys.queue()) : CompletableFuture.completedFuture(null);
        return heard.thenCompose(done -> scripts.send(request))
                .thenCompose(
                        reply -> !valid.isEmpty() && enqueues.valid(receipt).isEmpty()
                                // The server that answered may be another one than the server that stored the job, as
                                // after a failover.
                                ? find(id, notify, null)
                                : CompletableFuture.completedFuture(JobReplies.found(id, reply)));
    }

    CompletableFuture<QueueCounts> counts() {
        return scripts.send(scripts.of(Script.COUNTS))
                .thenApply(reply -> QueueCounts.of(Stream.of(Count.values())
                        .collect(Collectors.toMap(
                                count -> count,
                                count -> reply.number(count.name().toLowerCase(Locale.ROOT))))));
    }

    /** In as many requests as it takes: one returns no more than about 1 MiB of records. */
    CompletableFuture<List<JobSnapshot>> list(JobState state, int offset, int limit) {
        return list(state, offset, limit, new ArrayList<>());
    }

    private CompletableFuture<List<JobSnapshot>> list(JobState state, int offset, int limit, List<JobSnapshot> found) {
        return scripts.send(scripts.of(Script.LIST)
                        .with("state", state.name())
                        .with("offset", offset)
                        .with("limit", limit))
                .thenCompose(reply -> {
                    found.addAll(JobReplies.listed(state, reply));
                    String covered = reply.text("covered");
                    if (covered.isEmpty()) {
                        return CompletableFuture.completedFuture(List.copyOf(found));
                    }
                    int done = Integer.parseInt(covered);
                    return list(state, offset + done, limit - done, found);
                });
    }

    CompletableFuture<JobScan> scan(@Nullable String from, int limit) {
        return new QueueScan(scripts, id -> find(id, false, null)).step(from, limit);
    }

    CompletableFuture<Void> limit(LimitScope scope, @Nullable Limits limits) {
        return limit(LimitWords.scope(scope), LimitWords.value(scope, limits), JobIds.randomDigits(16), "");
    }

    private CompletableFuture<Void> limit(String scope, String value, String mark, String step) {
        return scripts.send(scripts.of(Script.LIMIT)
                        .with("scope", scope)
                        .with("value", value)
                        .with("mark", mark)
                        .with("step", step))
                .thenCompose(reply -> {
                    String next = reply.text("next");
                    return next.isEmpty() ? CompletableFuture.completedFuture(null) : limit(scope, value, mark, next);
                });
    }

    CompletableFuture<QueueLimits> limits() {
        return scripts.send(scripts.of(Script.LIMITS)).thenApply(LimitWords::parse);
    }

    CompletableFuture<Void> add(HistoryCounts counts) {
        String words = HistoryWords.write(counts);
        return words.isEmpty()
                ? CompletableFuture.completedFuture(null)
                : scripts.inTurn(additions, scripts.of(Script.ADD).with("counts", words))
                        .thenApply(reply -> null);
    }

    CompletableFuture<QueueHistory> history(HistoryRange range) {
        return scripts.send(scripts.of(Script.HISTORY).with("range", HistoryWords.letter(range)))
                .thenApply(reply -> HistoryWords.read(range, reply));
    }

    /** What a claim brought. */
    ClaimReply claimed(ClaimRequest request, Reply reply) {
        return claimed(Claims.parse(request.token(), reply));
    }

    private ClaimReply claimed(Claims claims) {
        if (!claims.newer().isEmpty()) {
            LOG.warn(
                    "queue {}: {} of a layout that this version does not know, left to workers of the newer version"
                            + " that stored it",
                    keys.queue(),
                    Texts.count(claims.newer().size(), "job"));
        }
        for (Claims.Unreadable job : claims.broken()) {
            LOG.error(
                    "job {} of queue {} cannot be run and is put among the dead as it is: {}",
                    job.escapedId(),
                    keys.queue(),
                    job.reason());
        }
        if (!claims.newer().isEmpty() || !claims.broken().isEmpty()) {
            putAside(claims);
        }
        return claims.reply();
    }

    /**
     * Gives back what only a newer version can read, until it was given back too often. Puts what nobody can read among
     * the dead. Both keep their bytes as they are.
     */
    private void putAside(Claims claims) {
        ScriptRequest request = scripts.of(Script.FAIL);
        for (Claims.Unreadable job : claims.newer()) {
            addFailed(request, job.id(), job.token(), "u", LEFT_ALONE_MILLIS, NO_FAILURE);
        }
        for (Claims.Unreadable job : claims.broken()) {
            addFailed(request, job.id(), job.token(), "q", 0, NO_FAILURE);
        }
        scripts.inTurn(fails, request);
    }

    /** A completion never throws at the worker: what is not an id fails the future. */
    static <V> CompletableFuture<V> orFailed(Supplier<CompletableFuture<V>> call) {
        try {
            return call.get();
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static List<ExtendReply> extended(int size, Reply reply) {
        Map<Integer, Set<String>> cancelled = new LinkedHashMap<>();
        for (int i = reply.first("cancelled"); i < reply.size(); i += 2) {
            cancelled
                    .computeIfAbsent((int) reply.number(i) - 1, index -> new HashSet<>())
                    .add(reply.id(i + 1));
        }
        String alive = reply.text("alive");
        List<ExtendReply> replies = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            if (alive.charAt(i) != '1') {
                replies.add(ExtendReply.ENDED);
            } else if (cancelled.containsKey(i)) {
                replies.add(new ExtendReply(true, Set.copyOf(cancelled.get(i))));
            } else {
                replies.add(ExtendReply.ALIVE);
            }
        }
        return replies;
    }
}
