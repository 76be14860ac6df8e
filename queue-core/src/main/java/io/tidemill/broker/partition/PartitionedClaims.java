package io.tidemill.broker.partition;

import io.tidemill.broker.Broker;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.JobBrief;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** Claims from one partition after the other. Thread-safe. */
final class PartitionedClaims {

    /** More claims than are ever in flight: only tokens of workers that stopped meanwhile stay. */
    private static final int MOST_UNANSWERED = 10_000;

    private final Broker broker;
    private final Turns turns;
    /**
     * The partition that did not answer a claim, by its token: it may hold jobs under it, so it is asked again first.
     */
    private final Map<String, Integer> unanswered = new ConcurrentHashMap<>();

    PartitionedClaims(Broker broker, Turns turns) {
        this.broker = broker;
        this.turns = turns;
    }

    /** Claims from whichever of the partitions has jobs. */
    CompletableFuture<ClaimReply> claim(List<String> parts, ClaimRequest request) {
        Integer before = unanswered.remove(request.token());
        int from = before == null ? turns.next(parts.size()) : before;
        return claim(parts, request, from, 0, ClaimReply.EMPTY);
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

    /** The claim may have been made although its answer is missing. */
    void notAnswered(String token, int part, Throwable failure) {
        if (!PartitionRequests.isRefusal(failure) && unanswered.size() < MOST_UNANSWERED) {
            unanswered.put(token, part);
        }
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

    /** The claims, with tokens that say which partition they are of. */
    static ClaimReply marked(ClaimReply reply, int part) {
        List<Claim> claims = new ArrayList<>(reply.claims().size());
        for (Claim claim : reply.claims()) {
            claims.add(claim.under(Partitions.mark(claim.token(), part)));
        }
        return new ClaimReply(claims, reply.moreInMillis(), reply.expired());
    }
}
