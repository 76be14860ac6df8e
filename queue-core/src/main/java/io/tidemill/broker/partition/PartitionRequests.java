package io.tidemill.broker.partition;

import io.tidemill.async.Answers;
import io.tidemill.broker.ExtendReply;
import io.tidemill.broker.Survey;
import io.tidemill.queue.QueueCounts;
import io.tidemill.task.BrokerException;
import io.tidemill.task.BrokerException.Outcome;
import io.tidemill.task.JobState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** How to ask several partitions and make one answer of theirs. */
final class PartitionRequests {

    /** What one of them said, or why it did not. */
    record Answer<T extends @Nullable Object>(
            @Nullable T value, @Nullable Throwable failure) {}

    private PartitionRequests() {}

    static boolean isRefusal(Throwable failure) {
        return Answers.isRefusal(failure);
    }

    static RuntimeException asRuntimeException(@Nullable Throwable failure) {
        Throwable cause = failure == null ? new IllegalStateException("no answer") : Answers.unwrapped(failure);
        return cause instanceof RuntimeException e ? e : new CompletionException(cause);
    }

    /**
     * All replies, in order. If some fail, so does the whole; and if others did not, nobody can say that nothing was
     * done.
     */
    static <T> CompletableFuture<List<T>> all(Collection<CompletableFuture<T>> asked) {
        return CompletableFuture.allOf(asked.toArray(CompletableFuture<?>[]::new))
                .handle((done, failure) -> {
                    if (failure == null) {
                        return asked.stream().map(CompletableFuture::join).toList();
                    }
                    boolean isPart = asked.stream().anyMatch(each -> !each.isCompletedExceptionally());
                    Throwable cause = Answers.unwrapped(failure);
                    if (isPart && isRefusal(cause)) {
                        throw new BrokerException(
                                Outcome.UNKNOWN,
                                "done in some partitions and not in all: " + cause.getMessage(),
                                cause);
                    }
                    throw asRuntimeException(cause);
                });
    }

    /** Sends each its own, and puts the replies into the order of what was given. */
    static <T, R> CompletableFuture<List<R>> spread(
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
        return all(sent).thenApply(replies -> {
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

    /** One partition after the other, until together they did as much as they may. */
    static <T> CompletableFuture<List<T>> upTo(
            List<String> parts,
            int limit,
            BiFunction<String, Integer, CompletableFuture<T>> call,
            ToIntFunction<T> size) {
        return upTo(parts, 0, limit, call, size, new ArrayList<>());
    }

    private static <T> CompletableFuture<List<T>> upTo(
            List<String> parts,
            int part,
            int left,
            BiFunction<String, Integer, CompletableFuture<T>> call,
            ToIntFunction<T> size,
            List<T> replies) {
        if (part == parts.size() || left <= 0) {
            return CompletableFuture.completedFuture(replies);
        }
        return call.apply(parts.get(part), left).thenCompose(reply -> {
            replies.add(reply);
            return upTo(parts, part + 1, left - size.applyAsInt(reply), call, size, replies);
        });
    }

    /** The first reply that says something, asked one after the other. */
    static <T> CompletableFuture<T> firstOf(
            List<String> parts, Function<String, CompletableFuture<T>> call, Predicate<T> says, T otherwise) {
        if (parts.isEmpty()) {
            return CompletableFuture.completedFuture(otherwise);
        }
        return call.apply(parts.get(0))
                .thenCompose(reply -> says.test(reply)
                        ? CompletableFuture.completedFuture(reply)
                        : firstOf(parts.subList(1, parts.size()), call, says, otherwise));
    }

    static <T> T await(CompletableFuture<T> reply) {
        try {
            return reply.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    static ExtendReply either(ExtendReply one, ExtendReply other) {
        Set<String> cancelled = new HashSet<>(one.cancelled());
        cancelled.addAll(other.cancelled());
        return new ExtendReply(one.alive() || other.alive(), cancelled);
    }

    static Survey either(Survey one, Survey other) {
        return new Survey(
                one.ready() || other.ready(),
                one.due() || other.due(),
                one.dead() || other.dead(),
                one.outbox() || other.outbox());
    }

    static long inState(QueueCounts counts, JobState state) {
        return switch (state) {
            case READY -> counts.ready();
            case SCHEDULED -> counts.scheduled();
            case WAITING -> counts.waiting();
            case ACTIVE -> counts.active();
            case DEAD -> counts.dead();
            case SUCCEEDED -> counts.kept();
            default -> throw new IllegalArgumentException("no list of " + state);
        };
    }
}
