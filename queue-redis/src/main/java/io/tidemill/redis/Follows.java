package io.tidemill.redis;

import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.CompleteReply;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.broker.Fill;
import io.tidemill.broker.Followers;
import io.tidemill.broker.WorkflowEnd;
import io.tidemill.broker.WorkflowJob;
import io.tidemill.redis.keys.Keyspace;
import io.tidemill.redis.keys.WireText;
import io.tidemill.redis.script.Script;
import io.tidemill.redis.script.ScriptRequest;
import io.tidemill.task.Priority;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Records runs that others follow, by a script of their own: that of all others stays as short as it is. It claims as
 * well, if there is nothing else in the call and the claim is a plain one. Otherwise what else is in the call, the
 * claim as well, goes out when they are recorded, so that it finds what follows.
 *
 * <p>Thread-safe.
 */
final class Follows {

    private static final byte[] NONE = {};

    private final Keyspace keys;
    private final QueueScripts scripts;
    private final List<NumberedRequests> tracks;
    private final AtomicInteger sent = new AtomicInteger();
    private final RedisQueue queue;

    /** @param queue records runs that nothing follows, and claims */
    Follows(QueueScripts scripts, String broker, RedisQueue queue) {
        keys = scripts.keys();
        this.scripts = scripts;
        this.queue = queue;
        // Two at a time: completions need no order among each other.
        tracks = Stream.of("follow", "follow2")
                .map(kind -> new NumberedRequests(keys, broker, kind))
                .toList();
    }

    boolean isIdle() {
        return tracks.stream().allMatch(NumberedRequests::isIdle);
    }

    CompletableFuture<CompleteReply> complete(List<Completion.Succeeded> runs, @Nullable ClaimRequest next) {
        List<Completion.Succeeded> followed =
                runs.stream().filter(run -> run.followers() != null).toList();
        List<Completion.Succeeded> plain =
                runs.stream().filter(run -> run.followers() == null).toList();
        if (plain.isEmpty()) {
            return send(followed, next).thenCompose(recorded -> claimIfMissing(recorded, next));
        }
        return send(followed, null)
                .thenCompose(first -> RedisQueue.orFailed(() -> queue.completeAll(plain, next))
                        // What is recorded is said, whatever comes of the rest.
                        .exceptionally(failure -> new CompleteReply(unknown(plain.size()), null))
                        .thenApply(rest -> together(runs, first.settled(), rest)));
    }

    /** The script claims only as long as that is a plain claim, and not if it was executed before. */
    private CompletableFuture<CompleteReply> claimIfMissing(CompleteReply recorded, @Nullable ClaimRequest next) {
        if (next == null || recorded.claimed() != null) {
            return CompletableFuture.completedFuture(recorded);
        }
        return RedisQueue.orFailed(() -> queue.claim(next))
                .thenApply(claimed -> new CompleteReply(recorded.settled(), claimed))
                .exceptionally(failure -> recorded);
    }

    private CompletableFuture<CompleteReply> send(List<Completion.Succeeded> runs, @Nullable ClaimRequest next) {
        ScriptRequest request = queue.claiming(scripts.of(Script.FOLLOW), next);
        for (Completion.Succeeded run : runs) {
            byte[] result = run.result();
            boolean isKept = result != null && run.resultTtlMillis() > 0;
            request.addKey(keys.job(WireText.of("job id", run.id())))
                    .add(run.token())
                    .add(StepReceipt.words(run.receipt()))
                    .add(isKept ? run.resultTtlMillis() : 0)
                    .add(isKept && result != null ? result : NONE);
        }
        for (int i = 0; i < runs.size(); i++) {
            Followers followers = runs.get(i).followers();
            if (followers != null) {
                add(request, i + 1, followers);
            }
        }
        request.with("keep", keep(runs));
        NumberedRequests track = tracks.get(Math.floorMod(sent.getAndIncrement(), tracks.size()));
        return scripts.inTurn(track, request, scripts.requests().deadline(next))
                .thenApply(reply -> new CompleteReply(
                        Settled.inOrder(runs.size()).read(reply.text("answers")),
                        next == null || reply.text("moreIn").isEmpty() ? null : queue.claimed(next, reply)));
    }

    private void add(ScriptRequest request, int index, Followers followers) {
        for (WorkflowJob job : followers.jobs()) {
            addJob(request.add(index), job);
        }
        for (Fill fill : followers.fills()) {
            if (fill.queue().equals(keys.queue())) {
                request.add(index)
                        .add("f")
                        .add(WireText.of("job id", fill.job()))
                        .add(WorkflowWords.place(fill))
                        .add(WorkflowWords.value(fill));
            } else {
                request.add(index).add("o").add(WorkflowWords.message(fill));
            }
        }
        WorkflowEnd end = followers.end();
        if (end != null) {
            request.add(index).add("w").add(end.keepMillis()).add(end.outcome());
        }
    }

    private static void addJob(ScriptRequest request, WorkflowJob job) {
        String id = WireText.of("job id", job.job().id());
        int priority = Priority.check(job.job().priority());
        if (WorkflowWords.isPlain(job)) {
            request.add("n")
                    .add(id)
                    .add(StoredJob.create(
                            priority, WorkflowWords.constraints(job), job.job().body()));
        } else {
            request.add("j")
                    .add(id)
                    .add(StoredJob.create(priority, job.job().body()))
                    .add(WorkflowWords.constraints(job))
                    .add(WorkflowWords.times(job));
        }
    }

    /** As {@link Settled} writes it. */
    private static String keep(List<Completion.Succeeded> runs) {
        long newest = 0;
        StringBuilder words = new StringBuilder();
        for (int i = 0; i < runs.size(); i++) {
            Completion.Keep keep = runs.get(i).keep();
            if (keep != null) {
                newest = Math.max(newest, keep.newest());
                words.append(' ').append(i + 1).append(':').append(keep.millis());
                words.append(':').append(Math.max(0, keep.ranMillis()));
            }
        }
        return words.isEmpty() ? "" : newest + words.toString();
    }

    private static List<CompletionReply> unknown(int size) {
        return Stream.generate(() -> CompletionReply.UNKNOWN).limit(size).collect(Collectors.toList());
    }

    /** The replies in the order in which the runs were given. */
    private static CompleteReply together(
            List<Completion.Succeeded> runs, List<CompletionReply> followed, CompleteReply rest) {
        List<CompletionReply> settled = new ArrayList<>(runs.size());
        int nextFollowed = 0;
        int nextPlain = 0;
        for (Completion.Succeeded run : runs) {
            settled.add(
                    run.followers() != null
                            ? followed.get(nextFollowed++)
                            : rest.settled().get(nextPlain++));
        }
        return new CompleteReply(List.copyOf(settled), rest.claimed());
    }
}
