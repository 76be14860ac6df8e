package io.tidemill.redis;

import static io.tidemill.redis.Requests.ascii;

import io.lettuce.core.api.StatefulConnection;
import io.tidemill.queue.CancelReply;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimOffer;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.CompleteReply;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.ExtendReply;
import io.tidemill.broker.JobBrief;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.Limits;
import io.tidemill.broker.NewJob;
import io.tidemill.queue.QueueCounts;
import io.tidemill.queue.QueueLimits;
import io.tidemill.broker.RecoverReply;
import io.tidemill.redis.keys.Keyspace;
import io.tidemill.redis.script.Script;
import io.tidemill.text.JobIds;
import io.tidemill.task.JobState;
import io.tidemill.text.Names;
import io.tidemill.task.Priority;
import io.tidemill.text.Texts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One queue as one broker object talks to it: a method per hop that spells the script's keys and arguments and reads
 * its reply. The headers of the scripts say what goes where.
 *
 * <p>Thread-safe.
 */
final class RedisQueue {

    private static final Logger LOG = LoggerFactory.getLogger(RedisBroker.class);
    /** A worker of a newer version has this long to come by before we see a job that it stored again. */
    private static final byte[] LEFT_ALONE_MILLIS = ascii(30_000);
    /** Records above this are told to those who read many at once. */
    private static final int LARGE = 8_192;

    /** Between a receipt of the script and how often a connection had been lost before it was sent for. */
    private static final String AFTER = "/";

    private static final byte[] EMPTY = {};
    private static final byte[] ONE = ascii("1");
    private static final byte[] ZERO = ascii("0");

    private final Keyspace keys;
    private final Requests requests;
    private final Connector<StatefulConnection<byte[], byte[]>> commands;
    private final Connector<StatefulConnection<byte[], byte[]>> heartbeats;
    private final Wakeups wakeups;
    private final LongSupplier losses;
    private final NumberedCalls enqueues;
    private final List<NumberedCalls> completes;
    private final AtomicInteger completed = new AtomicInteger();
    private final NumberedCalls fails;
    private final NumberedCalls releases;
    private final NumberedCalls cancels;

    RedisQueue(
            Keyspace keys,
            String broker,
            Requests requests,
            Connector<StatefulConnection<byte[], byte[]>> commands,
            Connector<StatefulConnection<byte[], byte[]>> heartbeats,
            Wakeups wakeups,
            LongSupplier losses) {
        this.keys = keys;
        this.requests = requests;
        this.commands = commands;
        this.heartbeats = heartbeats;
        this.wakeups = wakeups;
        this.losses = losses;
        enqueues = new NumberedCalls(keys, broker, "enqueue");
        completes = List.of(new NumberedCalls(keys, broker, "complete"), new NumberedCalls(keys, broker, "complete2"));
        fails = new NumberedCalls(keys, broker, "fail");
        releases = new NumberedCalls(keys, broker, "release");
        cancels = new NumberedCalls(keys, broker, "cancel");
    }

    /** Whether no numbered call waits or is on its way. */
    boolean isIdle() {
        return enqueues.isIdle()
                && completes.stream().allMatch(NumberedCalls::isIdle)
                && fails.isIdle()
                && releases.isIdle()
                && cancels.isIdle();
    }

    CompletableFuture<List<EnqueueReply>> enqueue(List<NewJob> jobs) {
        int width = 1;
        boolean isFresh = true;
        List<byte[]> keyList = new ArrayList<>(jobs.size() + 17);
        Collections.addAll(
                keyList,
                keys.leases(),
                keys.ready(),
                keys.levels(),
                keys.delayed(),
                keys.waiting(),
                keys.counts(),
                enqueues.key(),
                keys.dead(),
                keys.dropped(),
                keys.awaited(),
                keys.cancels(),
                keys.expiring(),
                keys.turns(),
                keys.parked(),
                keys.limits(),
                keys.leases(),
                keys.leases());
        for (NewJob job : jobs) {
            width = Math.max(width, width(job));
            isFresh &= job.isFresh();
            keyList.add(keys.job(Names.check("job id", job.id())));
        }
        List<byte[]> arguments = new ArrayList<>(width * jobs.size() + 9);
        Collections.addAll(
                arguments,
                EMPTY,
                EMPTY,
                ascii(wakeups.workers(keys.queue())),
                ascii(width),
                isFresh ? ONE : ZERO,
                EMPTY,
                ZERO,
                ZERO,
                EMPTY);
        for (NewJob job : jobs) {
            arguments.add(StoredJob.create(Priority.check(job.priority()), job.body()));
            if (width >= 2) {
                arguments.add(when(job));
            }
            if (width == 3) {
                arguments.add(ascii(ConstraintsWriter.words(job.constraints())));
            }
        }
        boolean mayBeHandedOver = width == 1 && isFresh;
        Deadline deadline = requests.deadline();
        return enqueues.submit(number -> {
            long lossesBefore = losses.getAsLong();
            ClaimOffer offer = mayBeHandedOver ? wakeups.offer(keys.queue(), jobs.size()) : null;
            CompletableFuture<Reply> sent = offer == null
                    ? send(commands, Script.ENQUEUE, keyList, numbered(arguments, number), deadline)
                    : enqueueAndHandOver(jobs, keyList, numbered(arguments, number), offer, deadline);
            return sent.thenApply(reply -> stored(jobs, reply, lossesBefore));
        });
    }

    /** Stores jobs that a worker of this process may have at once. Its offer is answered whatever happens. */
    private CompletableFuture<Reply> enqueueAndHandOver(
            List<NewJob> jobs, List<byte[]> keyList, List<byte[]> arguments, ClaimOffer offer, Deadline deadline) {
        ClaimRequest request = offer.request();
        keyList.set(15, keys.lease(request.token()));
        keyList.set(16, keys.taken(Names.check("worker id", request.worker())));
        arguments.set(5, ascii(Names.check("lease token", request.token())));
        arguments.set(6, ascii(request.limit()));
        arguments.set(7, ascii(request.leaseMillis()));
        arguments.set(8, offer.fillsWorker() ? ascii(request.worker()) : EMPTY);
        return send(commands, Script.ENQUEUE, keyList, arguments, deadline).whenComplete((reply, failure) -> {
            try {
                answer(offer, jobs, reply, failure);
            } catch (RuntimeException e) {
                LOG.error("A listener failed on the answer to its offer; its jobs come back when the lease ends", e);
            }
        });
    }

    private void answer(ClaimOffer offer, List<NewJob> jobs, @Nullable Reply reply, @Nullable Throwable failure) {
        switch (reply == null ? "failed" : reply.text(Reply.FIRST + 2)) {
            case "failed" -> offer.answer(null, failure);
            case "1" -> offer.answer(handedOver(jobs, offer.request()), null);
            case "?" -> orFailed(() -> claim(offer.request())).whenComplete(offer::answer);
            default -> offer.answer(ClaimReply.EMPTY, null);
        }
    }

    private static ClaimReply handedOver(List<NewJob> jobs, ClaimRequest request) {
        List<Claim> claims = new ArrayList<>(request.limit());
        for (NewJob job : jobs.subList(0, request.limit())) {
            claims.add(new Claim(job.id(), request.token(), job.body(), job.priority(), 0, 0, 0));
        }
        return new ClaimReply(claims, ClaimReply.NOTHING_MORE);
    }

    private List<EnqueueReply> stored(List<NewJob> jobs, Reply reply, long lossesBefore) {
        String woken = reply.text(Reply.FIRST + 1);
        if (!woken.isEmpty()) {
            for (String worker : woken.split(",", -1)) {
                wakeups.wake(keys.queue(), worker);
            }
        }
        String receipt = reply.text(Reply.FIRST + 3);
        return enqueued(jobs, reply.text(Reply.FIRST), receipt.isEmpty() ? null : receipt + AFTER + lossesBefore);
    }

    CompletableFuture<ClaimReply> claim(ClaimRequest request) {
        List<byte[]> keyList = List.of(
                keys.leases(),
                keys.ready(),
                keys.levels(),
                keys.delayed(),
                keys.waiting(),
                keys.dropped(),
                keys.lease(request.token()),
                keys.awaited(),
                keys.cancels(),
                keys.counts(),
                keys.expiring(),
                keys.turns(),
                keys.parked(),
                keys.limits(),
                keys.taken(request.worker()));
        List<byte[]> arguments = new ArrayList<>();
        arguments.add(EMPTY);
        addClaim(arguments, request);
        return send(commands, Script.CLAIM, keyList, arguments, requests.deadline(request))
                .thenApply(reply -> claimed(Claims.parse(request.token(), reply, Reply.FIRST)));
    }

    CompletableFuture<CompleteReply> complete(List<Completion.Succeeded> succeeded, @Nullable ClaimRequest next) {
        // Two at a time: completions need no order among each other.
        NumberedCalls track = completes.get(Math.floorMod(completed.getAndIncrement(), completes.size()));
        List<byte[]> keyList = new ArrayList<>(succeeded.size() + 16);
        Collections.addAll(
                keyList,
                keys.leases(),
                keys.ready(),
                keys.levels(),
                keys.delayed(),
                keys.waiting(),
                keys.dropped(),
                next == null ? keys.leases() : keys.lease(next.token()),
                keys.awaited(),
                keys.cancels(),
                keys.counts(),
                track.key(),
                keys.expiring(),
                keys.turns(),
                keys.parked(),
                keys.limits(),
                next == null ? keys.leases() : keys.taken(next.worker()));
        List<byte[]> arguments = new ArrayList<>();
        arguments.add(EMPTY);
        arguments.add(EMPTY);
        if (next == null) {
            arguments.addAll(List.of(EMPTY, EMPTY, ZERO, ZERO));
        } else {
            addClaim(arguments, next);
        }
        int[] order = addGroups(keyList, arguments, succeeded);
        return inTurn(track, Script.COMPLETE, keyList, arguments, requests.deadline(next))
                .thenApply(reply -> new CompleteReply(
                        settled(order, reply.text(Reply.FIRST)),
                        next == null ? null : claimed(Claims.parse(next.token(), reply, Reply.FIRST + 1))));
    }

    CompletableFuture<List<CompletionReply>> fail(List<Completion.Failed> failed) {
        List<byte[]> keyList = failKeys();
        List<byte[]> arguments = new ArrayList<>(List.of(EMPTY, EMPTY));
        for (Completion.Failed completion : failed) {
            keyList.add(keys.job(Names.check("job id", completion.id())));
            arguments.add(ascii(completion.token()));
            if (completion instanceof Completion.Retry retry) {
                arguments.addAll(List.of(ascii("r"), ascii(Math.max(0, retry.delayMillis())), retry.failure()));
            } else if (completion instanceof Completion.Dead dead) {
                arguments.addAll(List.of(ascii("d"), ZERO, dead.failure()));
            } else {
                arguments.addAll(List.of(ascii("c"), ZERO, EMPTY));
            }
        }
        return inTurn(fails, Script.FAIL, keyList, arguments, requests.deadline())
                .thenApply(reply -> settled(inOrder(failed.size()), reply.text(Reply.FIRST)));
    }

    private List<byte[]> failKeys() {
        return new ArrayList<>(List.of(
                keys.leases(),
                keys.delayed(),
                keys.dead(),
                keys.waiting(),
                keys.awaited(),
                keys.cancels(),
                keys.counts(),
                fails.key(),
                keys.turns(),
                keys.parked(),
                keys.limits()));
    }

    CompletableFuture<List<CompletionReply>> release(List<Completion.Release> given) {
        List<byte[]> keyList = new ArrayList<>(List.of(
                keys.leases(),
                keys.ready(),
                keys.levels(),
                keys.delayed(),
                keys.waiting(),
                keys.awaited(),
                keys.cancels(),
                keys.counts(),
                releases.key(),
                keys.turns(),
                keys.parked(),
                keys.limits()));
        List<byte[]> arguments = new ArrayList<>(List.of(EMPTY, EMPTY));
        for (Completion.Release release : given) {
            keyList.add(keys.job(Names.check("job id", release.id())));
            arguments.add(ascii(release.token()));
            arguments.add(ascii(Math.max(0, release.delayMillis())));
        }
        return inTurn(releases, Script.RELEASE, keyList, arguments, requests.deadline())
                .thenApply(reply -> settled(inOrder(given.size()), reply.text(Reply.FIRST)));
    }

    CompletableFuture<List<ExtendReply>> extend(List<String> tokens, long leaseMillis) {
        List<byte[]> arguments = new ArrayList<>(List.of(EMPTY, ascii(leaseMillis)));
        for (String token : tokens) {
            arguments.add(ascii(token));
        }
        return send(heartbeats, Script.EXTEND, List.of(keys.leases(), keys.cancels()), arguments)
                .thenApply(reply -> extended(tokens.size(), reply));
    }

    CompletableFuture<Integer> promote(int limit) {
        return send(
                        commands,
                        Script.PROMOTE,
                        List.of(
                                keys.leases(),
                                keys.ready(),
                                keys.levels(),
                                keys.delayed(),
                                keys.waiting(),
                                keys.turns(),
                                keys.parked()),
                        List.of(EMPTY, ascii(limit)))
                .thenApply(reply -> (int) reply.number(Reply.FIRST));
    }

    CompletableFuture<RecoverReply> recover(int limit, int maxLostLeases, byte[] failure) {
        return send(
                        commands,
                        Script.RECOVER,
                        List.of(
                                keys.leases(),
                                keys.ready(),
                                keys.levels(),
                                keys.dead(),
                                keys.waiting(),
                                keys.awaited(),
                                keys.cancels(),
                                keys.counts(),
                                keys.turns(),
                                keys.parked(),
                                keys.limits()),
                        List.of(EMPTY, ascii(limit), ascii(maxLostLeases), failure))
                .thenApply(reply -> new RecoverReply(
                        reply.briefs(Reply.FIRST, Reply.FIRST + 3),
                        reply.briefs(Reply.FIRST + 1, Reply.FIRST + 4),
                        !reply.text(Reply.FIRST + 2).isEmpty()));
    }

    CompletableFuture<List<JobBrief>> expire(int limit) {
        return send(
                        commands,
                        Script.EXPIRE,
                        List.of(
                                keys.leases(),
                                keys.delayed(),
                                keys.awaited(),
                                keys.cancels(),
                                keys.dropped(),
                                keys.counts(),
                                keys.expiring()),
                        List.of(EMPTY, ascii(limit)))
                .thenApply(reply -> reply.briefs(Reply.FIRST, Reply.FIRST + 1));
    }

    CompletableFuture<CancelReply> cancel(String id) {
        List<byte[]> keyList = List.of(
                keys.leases(),
                keys.delayed(),
                keys.dead(),
                keys.awaited(),
                keys.cancels(),
                keys.dropped(),
                keys.counts(),
                cancels.key(),
                keys.result(Names.check("job id", id)),
                keys.expiring(),
                keys.job(id));
        List<byte[]> arguments = List.of(EMPTY, EMPTY, ascii(id));
        return inTurn(cancels, Script.CANCEL, keyList, arguments, requests.deadline())
                .thenApply(reply -> CancelReply.valueOf(reply.text(Reply.FIRST)));
    }

    CompletableFuture<Optional<JobSnapshot>> find(String id, boolean notify, @Nullable String receipt) {
        List<byte[]> keyList = List.of(
                keys.leases(),
                keys.delayed(),
                keys.dead(),
                keys.awaited(),
                keys.dropped(),
                keys.result(Names.check("job id", id)),
                keys.counts(),
                keys.told(id),
                keys.job(id));
        List<byte[]> arguments = List.of(EMPTY, ascii(id), notify ? ONE : ZERO, ascii(valid(receipt)));
        CompletableFuture<Void> heard =
                notify ? wakeups.hearFinished(keys.queue()) : CompletableFuture.completedFuture(null);
        return heard.thenCompose(done -> send(commands, Script.FIND, keyList, arguments))
                .thenCompose(reply -> receipt != null && valid(receipt).isEmpty() && arguments.get(3).length > 0
                        // Who answered may be another Redis than the one that stored the job.
                        ? find(id, notify, null)
                        : CompletableFuture.completedFuture(JobReplies.found(id, reply)));
    }

    /**
     * The script's part of a receipt, if no connection was lost since before the job was stored; else ''. A Redis that
     * was restarted or failed over has lost its connections, and perhaps jobs that it had acknowledged.
     */
    private String valid(@Nullable String receipt) {
        String now = AFTER + losses.getAsLong();
        return receipt != null && receipt.endsWith(now) ? receipt.substring(0, receipt.length() - now.length()) : "";
    }

    CompletableFuture<QueueCounts> counts() {
        return send(
                        commands,
                        Script.COUNTS,
                        List.of(
                                keys.leases(),
                                keys.ready(),
                                keys.levels(),
                                keys.delayed(),
                                keys.dead(),
                                keys.dropped(),
                                keys.counts(),
                                keys.turns(),
                                keys.parked()),
                        List.of(EMPTY))
                .thenApply(reply -> new QueueCounts(
                        reply.number(2),
                        reply.number(3),
                        reply.number(4),
                        reply.number(5),
                        reply.number(6),
                        reply.number(7),
                        reply.number(8),
                        reply.number(9),
                        reply.number(10)));
    }

    /** In as many calls as it takes: one returns no more than about 1 MiB of records. */
    CompletableFuture<List<JobSnapshot>> list(JobState state, int offset, int limit) {
        return list(state, offset, limit, new ArrayList<>());
    }

    private CompletableFuture<List<JobSnapshot>> list(JobState state, int offset, int limit, List<JobSnapshot> found) {
        return send(
                        commands,
                        Script.LIST,
                        List.of(
                                keys.leases(),
                                keys.ready(),
                                keys.levels(),
                                keys.delayed(),
                                keys.dead(),
                                keys.turns(),
                                keys.parked()),
                        List.of(EMPTY, ascii(state.name()), ascii(offset), ascii(limit)))
                .thenCompose(reply -> {
                    found.addAll(JobReplies.listed(state, reply));
                    String covered = reply.text(Reply.FIRST);
                    if (covered.isEmpty()) {
                        return CompletableFuture.completedFuture(List.copyOf(found));
                    }
                    int done = Integer.parseInt(covered);
                    return list(state, offset + done, limit - done, found);
                });
    }

    CompletableFuture<Void> limit(LimitScope scope, @Nullable Limits limits) {
        return limit(LimitWords.scope(scope), LimitWords.value(scope, limits), JobIds.randomDigits(16), "");
    }

    private CompletableFuture<Void> limit(String scope, String value, String mark, String step) {
        return send(
                        commands,
                        Script.LIMIT,
                        List.of(
                                keys.leases(),
                                keys.waiting(),
                                keys.parked(),
                                keys.limits(),
                                keys.holders(),
                                keys.review()),
                        List.of(EMPTY, ascii(scope), ascii(value), ascii(mark), ascii(step)))
                .thenCompose(reply -> {
                    String next = reply.text(Reply.FIRST);
                    return next.isEmpty() ? CompletableFuture.completedFuture(null) : limit(scope, value, mark, next);
                });
    }

    CompletableFuture<QueueLimits> limits() {
        return send(commands, Script.LIMITS, List.of(keys.limits()), List.of(EMPTY))
                .thenApply(LimitWords::parse);
    }

    /** A call that is numbered, when it is its turn. */
    private CompletableFuture<Reply> inTurn(
            NumberedCalls calls, Script script, List<byte[]> keyList, List<byte[]> arguments, Deadline deadline) {
        return calls.submit(number -> send(commands, script, keyList, numbered(arguments, number), deadline));
    }

    private CompletableFuture<Reply> send(
            Connector<StatefulConnection<byte[], byte[]>> connector,
            Script script,
            List<byte[]> keyList,
            List<byte[]> arguments) {
        return send(connector, script, keyList, arguments, requests.deadline());
    }

    private CompletableFuture<Reply> send(
            Connector<StatefulConnection<byte[], byte[]>> connector,
            Script script,
            List<byte[]> keyList,
            List<byte[]> arguments,
            Deadline deadline) {
        return requests.send(
                connector,
                keys.queue(),
                script,
                keyList.toArray(byte[][]::new),
                arguments.toArray(byte[][]::new),
                deadline);
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
        List<byte[]> keyList = failKeys();
        List<byte[]> arguments = new ArrayList<>(List.of(EMPTY, EMPTY));
        for (Claims.Unreadable job : claims.newer()) {
            keyList.add(keys.job(job.id()));
            arguments.addAll(List.of(ascii(job.token()), ascii("u"), LEFT_ALONE_MILLIS, EMPTY));
        }
        for (Claims.Unreadable job : claims.broken()) {
            keyList.add(keys.job(job.id()));
            arguments.addAll(List.of(ascii(job.token()), ascii("q"), ZERO, EMPTY));
        }
        inTurn(fails, Script.FAIL, keyList, arguments, requests.deadline());
    }

    /** Completions come back from a worker and must not throw at it: an id that is none fails the call. */
    static <V> CompletableFuture<V> orFailed(Supplier<CompletableFuture<V>> call) {
        try {
            return call.get();
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** How many arguments a job takes: a plain one needs nothing said beside its record. */
    private static int width(NewJob job) {
        if (!job.constraints().isNone()) {
            return 3;
        }
        boolean isPlain = job.priority() == Priority.DEFAULT
                && job.delayMillis() <= 0
                && job.dueMillis() == NewJob.NOW
                && StoredJob.HEAD + job.body().length <= LARGE;
        return isPlain ? 1 : 2;
    }

    private static byte[] when(NewJob job) {
        if (job.delayMillis() <= 0 && job.dueMillis() == NewJob.NOW) {
            return EMPTY;
        }
        return ascii(Math.max(0, job.delayMillis()) + " " + Math.max(0, job.dueMillis()));
    }

    static List<byte[]> numbered(List<byte[]> arguments, long number) {
        List<byte[]> numbered = new ArrayList<>(arguments);
        numbered.set(1, ascii(number));
        return numbered;
    }

    private static void addClaim(List<byte[]> arguments, ClaimRequest request) {
        arguments.add(ascii(Names.check("worker id", request.worker())));
        arguments.add(ascii(Names.check("lease token", request.token())));
        arguments.add(ascii(request.limit()));
        arguments.add(ascii(request.leaseMillis()));
    }

    /** Puts jobs of one lease side by side; returns for each given completion where it went. */
    private int[] addGroups(List<byte[]> keyList, List<byte[]> arguments, List<Completion.Succeeded> succeeded) {
        Map<String, List<Integer>> groups = new LinkedHashMap<>();
        for (int i = 0; i < succeeded.size(); i++) {
            groups.computeIfAbsent(succeeded.get(i).token(), token -> new ArrayList<>())
                    .add(i);
        }
        int flowsAt = arguments.size();
        arguments.add(EMPTY);
        arguments.add(ascii(groups.size()));
        StringBuilder flows = new StringBuilder();
        int[] order = new int[succeeded.size()];
        List<byte[]> results = new ArrayList<>();
        int position = 0;
        for (Map.Entry<String, List<Integer>> group : groups.entrySet()) {
            arguments.add(ascii(group.getKey()));
            arguments.add(ascii(group.getValue().size()));
            for (int index : group.getValue()) {
                Completion.Succeeded one = succeeded.get(index);
                order[index] = position++;
                keyList.add(keys.job(Names.check("job id", one.id())));
                if (one.hasConstraints()) {
                    flows.append(flows.isEmpty() ? "" : ",").append(position);
                }
                byte[] result = one.result();
                if (result != null && one.resultTtlMillis() > 0) {
                    results.add(ascii(position));
                    results.add(ascii(one.resultTtlMillis()));
                    results.add(result);
                }
            }
        }
        arguments.addAll(results);
        if (!flows.isEmpty()) {
            arguments.set(flowsAt, ascii(flows.toString()));
        }
        return order;
    }

    private static int[] inOrder(int size) {
        int[] order = new int[size];
        Arrays.setAll(order, i -> i);
        return order;
    }

    /** A flag per job; for some of them the other job that it met, each after a space. */
    private static List<EnqueueReply> enqueued(List<NewJob> jobs, String refused, @Nullable String receipt) {
        EnqueueReply accepted = new EnqueueReply.Accepted(null, receipt);
        List<EnqueueReply> replies = new ArrayList<>(jobs.size());
        String[] words = refused.split(" ", -1);
        int nextWord = 1;
        for (int i = 0; i < jobs.size(); i++) {
            switch (refused.isEmpty() ? '1' : refused.charAt(i)) {
                case '1' -> replies.add(accepted);
                case 'p' -> replies.add(new EnqueueReply.Accepted(words[nextWord++], receipt));
                case 'h' -> replies.add(new EnqueueReply.Duplicate(words[nextWord++]));
                case 'r' -> replies.add(new EnqueueReply.Rescheduled(words[nextWord++]));
                default -> replies.add(new EnqueueReply.Duplicate(jobs.get(i).id()));
            }
        }
        return replies;
    }

    private static List<CompletionReply> settled(int[] order, String answers) {
        List<CompletionReply> replies = new ArrayList<>(order.length);
        for (int position : order) {
            replies.add(
                    switch (answers.isEmpty() ? '1' : answers.charAt(position)) {
                        case '1' -> CompletionReply.SETTLED;
                        case '2' -> CompletionReply.CANCELLED;
                        default -> CompletionReply.STALE;
                    });
        }
        return replies;
    }

    private static List<ExtendReply> extended(int size, Reply reply) {
        Map<Integer, Set<String>> cancelled = new LinkedHashMap<>();
        for (int i = Reply.FIRST + 1; i < reply.size(); i += 2) {
            cancelled
                    .computeIfAbsent((int) reply.number(i) - 1, index -> new HashSet<>())
                    .add(reply.text(i + 1));
        }
        String alive = reply.text(Reply.FIRST);
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
