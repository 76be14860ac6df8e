package io.tidemill.redis;

import static io.tidemill.redis.Requests.ascii;

import io.lettuce.core.api.StatefulConnection;
import io.tidemill.broker.DeleteReply;
import io.tidemill.broker.EraseReply;
import io.tidemill.broker.Inspection;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.LeaseSnapshot;
import io.tidemill.broker.PurgeReply;
import io.tidemill.broker.Redrive;
import io.tidemill.broker.RedriveReply;
import io.tidemill.broker.WorkerSnapshot;
import io.tidemill.redis.keys.Keyspace;
import io.tidemill.redis.script.Script;
import io.tidemill.task.JobState;
import io.tidemill.text.Names;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What operators do to one queue, as {@link RedisQueue} does what jobs need: a method per script that spells its keys
 * and arguments and reads its reply.
 *
 * <p>Thread-safe.
 */
final class QueueOperator {

    private static final byte[] EMPTY = {};

    private final Keyspace keys;
    private final Requests requests;
    private final Connector<StatefulConnection<byte[], byte[]>> commands;
    private final NumberedCalls redrives;
    private final NumberedCalls reschedules;
    private final NumberedCalls deletes;
    private final NumberedCalls purges;
    private final NumberedCalls erasures;
    private volatile @Nullable Long listedNanos;

    QueueOperator(
            Keyspace keys, String broker, Requests requests, Connector<StatefulConnection<byte[], byte[]>> commands) {
        this.keys = keys;
        this.requests = requests;
        this.commands = commands;
        redrives = new NumberedCalls(keys, broker, "redrive");
        reschedules = new NumberedCalls(keys, broker, "reschedule");
        deletes = new NumberedCalls(keys, broker, "delete");
        purges = new NumberedCalls(keys, broker, "purge");
        erasures = new NumberedCalls(keys, broker, "erase");
    }

    /** Whether no numbered call waits or is on its way. */
    boolean isIdle() {
        return redrives.isIdle() && reschedules.isIdle() && deletes.isIdle() && purges.isIdle() && erasures.isIdle();
    }

    /** Whether it was not listed among the queues in use for so long; who asks lists it. */
    boolean isToBeListed(long now, long afterNanos) {
        Long last = listedNanos;
        if (last != null && now - last <= afterNanos) {
            return false;
        }
        listedNanos = now;
        return true;
    }

    /** It is not listed after all. */
    void listAgain() {
        listedNanos = null;
    }

    /** Returns whether it was paused before. */
    CompletableFuture<Boolean> pause(String wanted) {
        return send(Script.PAUSE, List.of(keys.leases(), keys.waiting(), keys.paused()), List.of(EMPTY, ascii(wanted)))
                .thenApply(reply -> reply.text(Reply.FIRST).equals("1"));
    }

    CompletableFuture<List<RedriveReply>> redrive(List<Redrive> jobs) {
        List<byte[]> keyList = new ArrayList<>(List.of(
                keys.leases(),
                keys.ready(),
                keys.levels(),
                keys.delayed(),
                keys.dead(),
                keys.waiting(),
                keys.counts(),
                redrives.key(),
                keys.turns(),
                keys.dropped()));
        List<byte[]> arguments = new ArrayList<>(List.of(EMPTY, EMPTY));
        for (Redrive job : jobs) {
            keyList.add(keys.job(Names.check("job id", job.id())));
            arguments.add(ascii(Math.max(0, job.delayMillis())));
        }
        return inTurn(redrives, Script.REDRIVE, keyList, arguments)
                .thenApply(reply -> redriven(jobs.size(), reply.text(Reply.FIRST)));
    }

    CompletableFuture<Boolean> reschedule(String id, long delayMillis) {
        List<byte[]> keyList = List.of(
                keys.leases(),
                keys.ready(),
                keys.levels(),
                keys.delayed(),
                keys.waiting(),
                reschedules.key(),
                keys.turns(),
                keys.job(Names.check("job id", id)));
        List<byte[]> arguments = List.of(EMPTY, EMPTY, ascii(id), ascii(Math.max(0, delayMillis)));
        return inTurn(reschedules, Script.RESCHEDULE, keyList, arguments)
                .thenApply(reply -> reply.text(Reply.FIRST).equals("1"));
    }

    CompletableFuture<DeleteReply> delete(String id) {
        List<byte[]> keyList = List.of(
                keys.leases(),
                keys.delayed(),
                keys.dead(),
                keys.awaited(),
                keys.cancels(),
                keys.dropped(),
                keys.counts(),
                deletes.key(),
                keys.expiring(),
                keys.job(Names.check("job id", id)));
        List<byte[]> arguments = List.of(EMPTY, EMPTY, ascii(id));
        return inTurn(deletes, Script.DELETE, keyList, arguments)
                .thenApply(reply -> DeleteReply.valueOf(reply.text(Reply.FIRST)));
    }

    CompletableFuture<PurgeReply> purge(JobState state, int limit) {
        List<byte[]> keyList = List.of(
                keys.leases(),
                keys.ready(),
                keys.levels(),
                keys.delayed(),
                keys.dead(),
                keys.awaited(),
                keys.cancels(),
                keys.dropped(),
                keys.counts(),
                purges.key(),
                keys.expiring(),
                keys.turns(),
                keys.parked());
        List<byte[]> arguments = List.of(EMPTY, EMPTY, ascii(state.name()), ascii(limit));
        return inTurn(purges, Script.PURGE, keyList, arguments).thenApply(reply -> {
            String[] parts = reply.text(Reply.FIRST).split(" ", 2);
            return new PurgeReply(Integer.parseInt(parts[0]), parts[1].equals("1"));
        });
    }

    CompletableFuture<EraseReply> erase(boolean running) {
        List<byte[]> keyList = List.of(
                keys.leases(),
                keys.ready(),
                keys.levels(),
                keys.delayed(),
                keys.dead(),
                keys.waiting(),
                keys.awaited(),
                keys.cancels(),
                keys.dropped(),
                keys.counts(),
                keys.paused(),
                keys.expiring(),
                keys.turns(),
                keys.parked(),
                keys.limits(),
                keys.review(),
                keys.holders(),
                keys.gcra(),
                keys.turn(),
                keys.large(),
                keys.workers(),
                erasures.key());
        List<byte[]> arguments = List.of(EMPTY, EMPTY, ascii(running ? "1" : ""));
        return inTurn(erasures, Script.ERASE, keyList, arguments)
                .thenApply(reply -> EraseReply.valueOf(reply.text(Reply.FIRST)));
    }

    CompletableFuture<Integer> trim(long keep, long maxAgeMillis, int limit) {
        return send(
                        Script.TRIM,
                        List.of(keys.leases(), keys.dead(), keys.counts()),
                        List.of(EMPTY, ascii(keep), ascii(maxAgeMillis), ascii(limit)))
                .thenApply(reply -> (int) reply.number(Reply.FIRST));
    }

    CompletableFuture<Optional<Inspection>> inspect(String id) {
        List<byte[]> keyList = List.of(
                keys.leases(),
                keys.ready(),
                keys.levels(),
                keys.delayed(),
                keys.dead(),
                keys.dropped(),
                keys.paused(),
                keys.turns(),
                keys.parked(),
                keys.limits(),
                keys.result(Names.check("job id", id)),
                keys.job(id));
        return send(Script.INSPECT, keyList, List.of(EMPTY, ascii(id)))
                .thenApply(reply -> JobReplies.found(id, reply).map(job -> inspection(job, reply)));
    }

    CompletableFuture<List<LeaseSnapshot>> leases(int limit) {
        return send(Script.LEASES, List.of(keys.leases()), List.of(EMPTY, ascii(limit)))
                .thenApply(reply -> {
                    List<LeaseSnapshot> leases = new ArrayList<>();
                    for (int i = Reply.FIRST; i < reply.size(); i += 3) {
                        leases.add(new LeaseSnapshot(reply.text(i), reply.number(i + 1), reply.ids(i + 2)));
                    }
                    return leases;
                });
    }

    CompletableFuture<Void> register(String worker, byte[] info, long ttlMillis) {
        return send(
                        Script.REGISTER,
                        List.of(keys.leases(), keys.workers(), keys.worker(Names.check("worker id", worker))),
                        List.of(EMPTY, ascii(worker), ascii(Math.max(0, ttlMillis)), info))
                .thenAccept(reply -> {});
    }

    CompletableFuture<List<WorkerSnapshot>> workers() {
        return send(Script.WORKERS, List.of(keys.leases(), keys.workers()), List.of(EMPTY))
                .thenApply(reply -> {
                    List<WorkerSnapshot> workers = new ArrayList<>();
                    for (int i = Reply.FIRST; i < reply.size(); i += 2) {
                        workers.add(worker(reply.text(i), reply.bytes(i + 1)));
                    }
                    return workers;
                });
    }

    private static Inspection inspection(JobSnapshot job, Reply reply) {
        String token = reply.text(Reply.FIRST + 4);
        return new Inspection(
                job,
                token.isEmpty() ? null : token,
                reply.number(Reply.FIRST + 5),
                reply.text(Reply.FIRST + 6).equals("1"),
                (int) reply.number(Reply.FIRST + 7),
                heldUp(reply.text(Reply.FIRST + 8), reply.number(Reply.FIRST + 9)));
    }

    private static Inspection.@Nullable HeldUp heldUp(String scope, long untilMillis) {
        if (scope.isEmpty()) {
            return null;
        }
        boolean isGroup = scope.startsWith(LimitWords.GROUP);
        return new Inspection.HeldUp(isGroup ? scope.substring(LimitWords.GROUP.length()) : null, untilMillis);
    }

    private static WorkerSnapshot worker(String id, byte[] stored) {
        int end = 0;
        while (end < stored.length && stored[end] != ' ') {
            end++;
        }
        long seen = Long.parseLong(new String(stored, 0, end, StandardCharsets.US_ASCII));
        return new WorkerSnapshot(
                id, seen, Arrays.copyOfRange(stored, Math.min(end + 1, stored.length), stored.length));
    }

    /** A call that is numbered, when it is its turn. */
    private CompletableFuture<Reply> inTurn(NumberedCalls calls, Script script, List<byte[]> keyList, List<byte[]> arguments) {
        Deadline deadline = requests.deadline();
        return calls.submit(number -> send(script, keyList, RedisQueue.numbered(arguments, number), deadline));
    }

    private CompletableFuture<Reply> send(Script script, List<byte[]> keyList, List<byte[]> arguments) {
        return send(script, keyList, arguments, requests.deadline());
    }

    private CompletableFuture<Reply> send(
            Script script, List<byte[]> keyList, List<byte[]> arguments, Deadline deadline) {
        return requests.send(
                commands,
                keys.queue(),
                script,
                keyList.toArray(byte[][]::new),
                arguments.toArray(byte[][]::new),
                deadline);
    }

    private static List<RedriveReply> redriven(int size, String refused) {
        List<RedriveReply> replies = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            replies.add(
                    switch (refused.isEmpty() ? '1' : refused.charAt(i)) {
                        case '1' -> RedriveReply.REDRIVEN;
                        case 'h' -> RedriveReply.KEY_HELD;
                        default -> RedriveReply.NOT_DEAD;
                    });
        }
        return replies;
    }
}
