package io.tidemill.broker.partition;

import io.tidemill.broker.Broker;
import io.tidemill.task.BrokerException;
import io.tidemill.task.BrokerException.Outcome;
import io.tidemill.broker.BrokerListener;
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
import io.tidemill.broker.Operations;
import io.tidemill.queue.QueueCounts;
import io.tidemill.queue.QueueLimits;
import io.tidemill.broker.RecoverReply;
import io.tidemill.broker.Subscription;
import io.tidemill.broker.Survey;
import io.tidemill.task.JobState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Splits queues that are too busy for one core of one server: each is kept in several queues of the broker underneath,
 * which a cluster spreads over its nodes. Whoever enqueues, works or operates sees one queue.
 *
 * <pre>{@code
 * .broker(PartitionedBroker.of(RedisBroker.connect("redis://node1:6379"), Map.of("mail", 4)))
 * }</pre>
 *
 * <p>What is given up: jobs run in the order of their partition, so strict first in, first out and the order of
 * priorities hold within each and not across them; jobs of one group stay in order, since they share a partition, as do
 * those of one unique key. A limit of such a queue as a whole is refused, as no two partitions can count together;
 * limits of its groups hold. One call of {@link #enqueue} is all or none per partition. What an idle worker is not told
 * of is found by its next poll.
 *
 * <p>Every process that uses the queue needs the same number. It may grow: restart the workers first, then the others.
 * Before it shrinks, the queue must be drained, and the broker may no longer know of the partitions that go; a process
 * that finds more of them than it was told of refuses to start.
 *
 * <p>Thread-safe.
 */
public final class PartitionedBroker implements Broker {

    /** More claims than ever are asked for again; only tokens of workers that stopped meanwhile stay. */
    private static final int MOST_UNANSWERED = 10_000;

    private final Broker broker;
    private final Partitions partitions;
    private final PartitionedOperations operations;
    /** Where to go next, so that no partition is left out. */
    private final AtomicInteger turn = new AtomicInteger();
    /**
     * The partition that did not answer a claim, by its token: it may hold jobs under it, so it is asked again first.
     */
    private final Map<String, Integer> unanswered = new ConcurrentHashMap<>();

    private PartitionedBroker(Broker broker, Partitions partitions) {
        this.broker = broker;
        this.partitions = partitions;
        operations = new PartitionedOperations(broker, partitions);
    }

    /**
     * A broker that keeps some queues in partitions, and all others as they are.
     *
     * @param broker where they are kept; closed with this one
     * @param sizes number of partitions by queue, 1 to 64 each
     * @throws IllegalArgumentException if a number is out of range, or a queue has the name of a partition
     */
    public static PartitionedBroker of(Broker broker, Map<String, Integer> sizes) {
        return new PartitionedBroker(broker, new Partitions(sizes));
    }

    @Override
    public void open() {
        broker.open();
        Set<String> unknown = partitions.unknown(PartitionCalls.await(broker.operations().queues()));
        if (!unknown.isEmpty()) {
            throw new BrokerException(
                    Outcome.REFUSED,
                    "the broker knows more partitions than this process was told of: " + String.join(", ", unknown)
                            + "; give every process the same numbers",
                    null);
        }
    }

    @Override
    public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
        List<String> parts = partitions.of(queue);
        if (parts.size() == 1) {
            return broker.enqueue(queue, jobs);
        }
        if (jobs.stream().allMatch(Partitions::isFree)) {
            return broker.enqueue(parts.get(next(parts)), jobs);
        }
        return spread(parts, jobs, job -> Partitions.partOf(job, parts.size()), broker::enqueue);
    }

    private int next(List<String> parts) {
        return Math.floorMod(turn.getAndIncrement(), parts.size());
    }

    /**
     * As {@link #spread}, for ends of runs: what is known from those that answered must not be lost because another did
     * not.
     */
    private static <T> CompletableFuture<List<CompletionReply>> settle(
            List<String> parts,
            List<T> items,
            ToIntFunction<T> partOf,
            BiFunction<String, List<T>, CompletableFuture<List<CompletionReply>>> call) {
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        AtomicInteger answers = new AtomicInteger();
        return spread(
                        parts,
                        items,
                        partOf,
                        (part, some) -> call.apply(part, some).handle((replies, failure) -> {
                            if (failure == null) {
                                answers.incrementAndGet();
                                return replies;
                            }
                            failures.add(failure);
                            return Collections.nCopies(some.size(), CompletionReply.UNKNOWN);
                        }))
                .thenApply(replies -> {
                    if (answers.get() == 0 && !failures.isEmpty()) {
                        throw PartitionCalls.asRuntimeException(failures.get(0));
                    }
                    return replies;
                });
    }

    /** Sends each its own, and puts the replies into the order of what was given. */
    private static <T, R> CompletableFuture<List<R>> spread(
            List<String> parts,
            List<T> items,
            ToIntFunction<T> partOf,
            BiFunction<String, List<T>, CompletableFuture<List<R>>> call) {
        Map<Integer, List<Integer>> byPart = new TreeMap<>();
        for (int i = 0; i < items.size(); i++) {
            byPart.computeIfAbsent(partOf.applyAsInt(items.get(i)), part -> new ArrayList<>())
                    .add(i);
        }
        List<CompletableFuture<List<R>>> sent = new ArrayList<>();
        byPart.forEach((part, indexes) -> sent.add(
                call.apply(parts.get(part), indexes.stream().map(items::get).toList())));
        return PartitionCalls.all(sent).thenApply(replies -> {
            List<R> inOrder = new ArrayList<>(items.size());
            items.forEach(item -> inOrder.add(null));
            int at = 0;
            for (List<Integer> indexes : byPart.values()) {
                List<R> some = replies.get(at++);
                for (int i = 0; i < indexes.size(); i++) {
                    inOrder.set(indexes.get(i), some.get(i));
                }
            }
            return inOrder;
        });
    }

    @Override
    public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest request) {
        List<String> parts = partitions.of(queue);
        return parts.size() == 1
                ? broker.claim(queue, request)
                : claim(parts, request, firstPart(parts, request.token()), 0, ClaimReply.EMPTY);
    }

    private int firstPart(List<String> parts, String token) {
        Integer before = unanswered.remove(token);
        return before == null ? next(parts) : before;
    }

    private void notAnswered(String token, int part, Throwable failure) {
        if (!PartitionCalls.isRefusal(failure) && unanswered.size() < MOST_UNANSWERED) {
            unanswered.put(token, part);
        }
    }

    /**
     * Asks one partition after the other until one brings jobs: all of a claim come from one. Who has asked all of them
     * in vain waits in all of them.
     */
    private CompletableFuture<ClaimReply> claim(
            List<String> parts, ClaimRequest request, int from, int asked, ClaimReply before) {
        if (asked == parts.size()) {
            return CompletableFuture.completedFuture(before);
        }
        int part = (from + asked) % parts.size();
        CompletableFuture<ClaimReply> answer = broker.claim(parts.get(part), request)
                .whenComplete((reply, failure) -> {
                    if (failure != null) {
                        notAnswered(request.token(), part, failure);
                    }
                });
        return answer.thenCompose(reply -> {
            ClaimReply all = and(before, marked(reply, part));
            return all.claims().isEmpty()
                    ? claim(parts, request, from, asked + 1, all)
                    : CompletableFuture.completedFuture(all);
        });
    }

    private static ClaimReply and(ClaimReply before, ClaimReply reply) {
        List<JobBrief> expired = new ArrayList<>(before.expired());
        expired.addAll(reply.expired());
        // Another partition may have more.
        long moreIn = reply.claims().isEmpty() ? sooner(before.moreInMillis(), reply.moreInMillis()) : 0;
        return new ClaimReply(reply.claims(), moreIn, expired);
    }

    private static long sooner(long one, long other) {
        if (one == ClaimReply.NOTHING_MORE || other == ClaimReply.NOTHING_MORE) {
            return Math.max(one, other);
        }
        return Math.min(one, other);
    }

    private static ClaimReply marked(ClaimReply reply, int part) {
        List<Claim> claims = new ArrayList<>(reply.claims().size());
        for (Claim claim : reply.claims()) {
            claims.add(new Claim(
                    claim.id(),
                    Partitions.mark(claim.token(), part),
                    claim.body(),
                    claim.priority(),
                    claim.failures(),
                    claim.lostLeases(),
                    claim.releases(),
                    claim.hasConstraints()));
        }
        return new ClaimReply(claims, reply.moreInMillis(), reply.expired());
    }

    @Override
    public CompletableFuture<CompleteReply> complete(
            String queue, List<Completion.Succeeded> succeeded, @Nullable ClaimRequest next) {
        List<String> parts = partitions.of(queue);
        if (parts.size() == 1) {
            return broker.complete(queue, succeeded, next);
        }
        CompletableFuture<List<CompletionReply>> settled = settle(
                parts,
                succeeded,
                run -> Partitions.partOf(run.token()),
                (part, runs) -> broker.complete(
                                part,
                                runs.stream().map(PartitionedBroker::unmarked).toList(),
                                null)
                        .thenApply(CompleteReply::settled));
        CompletableFuture<@Nullable ClaimReply> claimed = next == null
                ? CompletableFuture.completedFuture(null)
                : claim(queue, next).thenApply(reply -> reply);
        return settled.handle(PartitionCalls.Answer::new)
                .thenCombine(claimed.handle(PartitionCalls.Answer::new), (ends, claims) -> both(succeeded, ends, claims));
    }

    /** Each of the two is worth telling without the other. */
    private CompleteReply both(
            List<Completion.Succeeded> succeeded,
            PartitionCalls.Answer<List<CompletionReply>> ends,
            PartitionCalls.Answer<@Nullable ClaimReply> claims) {
        List<CompletionReply> replies = ends.value();
        Throwable failure = ends.failure();
        if (failure == null && replies != null) {
            return new CompleteReply(replies, claims.value());
        }
        if (claims.value() == null) {
            throw PartitionCalls.asRuntimeException(failure);
        }
        return new CompleteReply(Collections.nCopies(succeeded.size(), CompletionReply.UNKNOWN), claims.value());
    }

    private static Completion.Succeeded unmarked(Completion.Succeeded run) {
        return new Completion.Succeeded(
                run.id(), Partitions.token(run.token()), run.result(), run.resultTtlMillis(), run.hasConstraints());
    }

    @Override
    public CompletableFuture<List<CompletionReply>> fail(String queue, List<Completion> ended) {
        List<String> parts = partitions.of(queue);
        return parts.size() == 1
                ? broker.fail(queue, ended)
                : settle(
                        parts,
                        ended,
                        run -> Partitions.partOf(run.token()),
                        (part, runs) -> broker.fail(
                                part,
                                runs.stream().map(PartitionedBroker::unmarked).toList()));
    }

    private static Completion unmarked(Completion run) {
        String token = Partitions.token(run.token());
        if (run instanceof Completion.Retry retry) {
            return new Completion.Retry(run.id(), token, retry.delayMillis(), retry.failure());
        }
        if (run instanceof Completion.Dead dead) {
            return new Completion.Dead(run.id(), token, dead.failure());
        }
        return run instanceof Completion.Cancelled ? new Completion.Cancelled(run.id(), token) : run;
    }

    @Override
    public CompletableFuture<List<CompletionReply>> release(String queue, List<Completion.Release> releases) {
        List<String> parts = partitions.of(queue);
        return parts.size() == 1
                ? broker.release(queue, releases)
                : settle(
                        parts,
                        releases,
                        run -> Partitions.partOf(run.token()),
                        (part, runs) -> broker.release(
                                part,
                                runs.stream()
                                        .map(run -> new Completion.Release(
                                                run.id(), Partitions.token(run.token()), run.delayMillis()))
                                        .toList()));
    }

    /**
     * A worker knows a lease by the token that it made, without the mark, so all partitions are asked. One that does
     * not answer matters only to tokens that no other knows.
     */
    @Override
    public CompletableFuture<List<ExtendReply>> extend(String queue, List<String> tokens, long leaseMillis) {
        List<String> plain = tokens.stream().map(Partitions::token).toList();
        List<CompletableFuture<PartitionCalls.Answer<List<ExtendReply>>>> asked = partitions.of(queue).stream()
                .map(part -> broker.extend(part, plain, leaseMillis).handle(PartitionCalls.Answer::new))
                .toList();
        return PartitionCalls.all(asked).thenApply(answers -> {
            List<List<ExtendReply>> known = answers.stream()
                    .map(PartitionCalls.Answer::value)
                    .filter(Objects::nonNull)
                    .toList();
            List<ExtendReply> replies = IntStream.range(0, tokens.size())
                    .mapToObj(i -> known.stream().map(some -> some.get(i)).reduce(ExtendReply.ENDED, PartitionCalls::either))
                    .toList();
            boolean isEach = replies.stream().allMatch(ExtendReply::alive);
            answers.stream()
                    .filter(answer -> answer.failure() != null && !isEach)
                    .findFirst()
                    .ifPresent(answer -> {
                        throw PartitionCalls.asRuntimeException(answer.failure());
                    });
            return replies;
        });
    }

    @Override
    public CompletableFuture<Integer> promote(String queue, int limit) {
        return PartitionCalls.upTo(partitions.of(queue), limit, (part, most) -> broker.promote(part, most), moved -> moved)
                .thenApply(all -> all.stream().mapToInt(Integer::intValue).sum());
    }

    @Override
    public CompletableFuture<RecoverReply> recover(String queue, int limit, int maxLostLeases, byte[] failure) {
        List<CompletableFuture<RecoverReply>> asked = partitions.of(queue).stream()
                .map(part -> broker.recover(part, limit, maxLostLeases, failure))
                .toList();
        return PartitionCalls.all(asked).thenApply(replies -> {
            List<JobBrief> recovered = new ArrayList<>();
            List<JobBrief> dead = new ArrayList<>();
            replies.forEach(reply -> {
                recovered.addAll(reply.recovered());
                dead.addAll(reply.dead());
            });
            return new RecoverReply(recovered, dead, replies.stream().anyMatch(RecoverReply::more));
        });
    }

    @Override
    public CompletableFuture<List<JobBrief>> expire(String queue, int limit) {
        return PartitionCalls.upTo(partitions.of(queue), limit, (part, most) -> broker.expire(part, most), List::size)
                .thenApply(all -> all.stream().flatMap(List::stream).toList());
    }

    @Override
    public CompletableFuture<List<Survey>> survey(List<String> queues) {
        List<String> parts =
                queues.stream().flatMap(queue -> partitions.of(queue).stream()).toList();
        List<CompletableFuture<List<Survey>>> asked = new ArrayList<>();
        for (int from = 0; from < parts.size(); from += MAX_SURVEY) {
            asked.add(broker.survey(parts.subList(from, Math.min(parts.size(), from + MAX_SURVEY))));
        }
        return PartitionCalls.all(asked).thenApply(slices -> {
            List<Survey> flat = slices.stream().flatMap(List::stream).toList();
            List<Survey> found = new ArrayList<>(queues.size());
            int at = 0;
            for (String queue : queues) {
                int size = partitions.of(queue).size();
                found.add(flat.subList(at, at + size).stream().reduce(Survey.NOTHING, PartitionCalls::either));
                at += size;
            }
            return found;
        });
    }

    @Override
    public CompletableFuture<CancelReply> cancel(String queue, String id) {
        return PartitionCalls.firstOf(
                partitions.of(queue),
                part -> broker.cancel(part, id),
                reply -> reply != CancelReply.NOT_FOUND,
                CancelReply.NOT_FOUND);
    }

    @Override
    public CompletableFuture<Optional<JobSnapshot>> find(
            String queue, String id, boolean notify, @Nullable String receipt) {
        return PartitionCalls.firstOf(
                partitions.of(queue),
                part -> broker.find(part, id, notify, receipt),
                Optional::isPresent,
                Optional.empty());
    }

    @Override
    public CompletableFuture<QueueCounts> counts(String queue) {
        return PartitionCalls.all(partitions.of(queue).stream().map(broker::counts).toList())
                .thenApply(all -> all.stream().reduce(PartitionCalls::sum).orElseThrow());
    }

    @Override
    public CompletableFuture<List<JobSnapshot>> list(String queue, JobState state, int offset, int limit) {
        List<String> parts = partitions.of(queue);
        return parts.size() == 1
                ? broker.list(queue, state, offset, limit)
                : list(parts, 0, state, offset, limit, new ArrayList<>());
    }

    /** Partition by partition, each in its order. */
    private CompletableFuture<List<JobSnapshot>> list(
            List<String> parts, int part, JobState state, int offset, int limit, List<JobSnapshot> found) {
        int left = limit - found.size();
        if (part == parts.size() || left == 0) {
            return CompletableFuture.completedFuture(found);
        }
        return broker.counts(parts.get(part)).thenCompose(counts -> {
            int size = (int) Math.min(Integer.MAX_VALUE, PartitionCalls.inState(counts, state));
            if (offset >= size) {
                return list(parts, part + 1, state, offset - size, limit, found);
            }
            return broker.list(parts.get(part), state, offset, left).thenCompose(page -> {
                found.addAll(page);
                return list(parts, part + 1, state, 0, limit, found);
            });
        });
    }

    @Override
    public CompletableFuture<Void> limit(String queue, LimitScope scope, @Nullable Limits limits) {
        List<String> parts = partitions.of(queue);
        if (parts.size() > 1 && scope instanceof LimitScope.Queue && limits != null) {
            return CompletableFuture.failedFuture(new BrokerException(
                    Outcome.REFUSED,
                    "queue " + queue + " is split in " + parts.size()
                            + " partitions, which cannot count together: limit its groups, or do not split it",
                    null));
        }
        return PartitionCalls.all(parts.stream()
                        .map(part -> broker.limit(part, scope, limits))
                        .toList())
                .thenApply(done -> null);
    }

    /** The parts may be on nodes with clocks of their own: that of the one that is furthest ahead. */
    @Override
    public long clockLead(String queue) {
        return partitions.of(queue).stream().mapToLong(broker::clockLead).max().orElseThrow();
    }

    @Override
    public CompletableFuture<QueueLimits> limits(String queue) {
        return broker.limits(partitions.of(queue).get(0));
    }

    @Override
    public Subscription listen(@Nullable String worker, Set<String> queues, BrokerListener listener) {
        Set<String> parts = new LinkedHashSet<>();
        queues.forEach(queue -> parts.addAll(partitions.of(queue)));
        return broker.listen(worker, parts, new Whole(listener));
    }

    @Override
    public Operations operations() {
        return operations;
    }

    @Override
    public void close() {
        broker.close();
    }

    /** Hears of parts and tells of queues. */
    private final class Whole implements BrokerListener {

        private final BrokerListener listener;

        Whole(BrokerListener listener) {
            this.listener = listener;
        }

        @Override
        public void ready(String part) {
            listener.ready(partitions.queueOf(part));
        }

        @Override
        public void finished(String part, String id) {
            listener.finished(partitions.queueOf(part), id);
        }

        @Override
        public void cancelRequested(String part, String id) {
            listener.cancelRequested(partitions.queueOf(part), id);
        }

        @Override
        public @Nullable ClaimOffer offer(String part, int jobs) {
            String queue = partitions.queueOf(part);
            ClaimOffer offer = listener.offer(queue, jobs);
            if (offer == null || !partitions.isSplit(queue)) {
                return offer;
            }
            int index = partitions.of(queue).indexOf(part);
            return new ClaimOffer(offer.request(), offer.fillsWorker(), (reply, failure) -> {
                if (failure != null) {
                    notAnswered(offer.request().token(), index, failure);
                }
                offer.answer(reply == null ? null : marked(reply, index), failure);
            });
        }
    }
}
