package io.tidemill.broker.partition;

import io.tidemill.broker.Broker;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.CompleteReply;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** Records the end of each run in the partition that its token names. Thread-safe. */
final class PartitionedCompletions {

    private final Broker broker;
    private final PartitionedClaims claims;

    PartitionedCompletions(Broker broker, PartitionedClaims claims) {
        this.broker = broker;
        this.claims = claims;
    }

    CompletableFuture<CompleteReply> complete(
            List<String> parts, List<Completion.Succeeded> succeeded, @Nullable ClaimRequest next) {
        CompletableFuture<List<CompletionReply>> settled = settle(
                parts,
                succeeded,
                run -> Partitions.partOf(run.token()),
                (part, runs) -> broker.complete(
                                part,
                                runs.stream()
                                        .map(run -> unmarked(run, parts.size()))
                                        .toList(),
                                null)
                        .thenApply(CompleteReply::settled));
        CompletableFuture<@Nullable ClaimReply> claimed = next == null
                ? CompletableFuture.completedFuture(null)
                : claims.claim(parts, next).thenApply(reply -> reply);
        return settled.handle(PartitionRequests.Answer::new)
                .thenCombine(
                        claimed.handle(PartitionRequests.Answer::new), (ends, claims) -> both(succeeded, ends, claims));
    }

    /** Each of the two answers is worth having without the other. */
    private CompleteReply both(
            List<Completion.Succeeded> succeeded,
            PartitionRequests.Answer<List<CompletionReply>> ends,
            PartitionRequests.Answer<@Nullable ClaimReply> claims) {
        List<CompletionReply> replies = ends.value();
        Throwable failure = ends.failure();
        if (failure == null && replies != null) {
            return new CompleteReply(replies, claims.value());
        }
        if (claims.value() == null) {
            throw PartitionRequests.asRuntimeException(failure);
        }
        return new CompleteReply(Collections.nCopies(succeeded.size(), CompletionReply.UNKNOWN), claims.value());
    }

    /** Each partition keeps its share of the newest jobs, rounded up. */
    private static Completion.Succeeded unmarked(Completion.Succeeded run, int parts) {
        Completion.Keep keep = run.keep();
        Completion.Succeeded unmarked = run.under(Partitions.token(run.token()));
        return keep == null
                ? unmarked
                : unmarked.keeping(
                        new Completion.Keep(keep.millis(), Partitions.share(keep.newest(), parts), keep.ranMillis()));
    }

    CompletableFuture<List<CompletionReply>> fail(List<String> parts, List<Completion.Failed> failed) {
        return settle(
                parts,
                failed,
                run -> Partitions.partOf(run.token()),
                (part, runs) -> broker.fail(
                        part,
                        runs.stream()
                                .map(run -> run.under(Partitions.token(run.token())))
                                .toList()));
    }

    CompletableFuture<List<CompletionReply>> release(List<String> parts, List<Completion.Release> releases) {
        return settle(
                parts,
                releases,
                run -> Partitions.partOf(run.token()),
                (part, runs) -> broker.release(
                        part,
                        runs.stream()
                                .map(run -> run.under(Partitions.token(run.token())))
                                .toList()));
    }

    /**
     * As {@link PartitionRequests#spread}, for ends of runs: what is known from those that answered must not be lost
     * because another did not.
     */
    private static <T> CompletableFuture<List<CompletionReply>> settle(
            List<String> parts,
            List<T> items,
            ToIntFunction<T> partOf,
            BiFunction<String, List<T>, CompletableFuture<List<CompletionReply>>> call) {
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        AtomicInteger answers = new AtomicInteger();
        return PartitionRequests.spread(
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
                        throw PartitionRequests.asRuntimeException(failures.get(0));
                    }
                    return replies;
                });
    }
}
