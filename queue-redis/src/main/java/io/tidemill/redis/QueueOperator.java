package io.tidemill.redis;

import io.lettuce.core.api.StatefulConnection;
import io.tidemill.broker.CommandAnswer;
import io.tidemill.broker.CommandReply;
import io.tidemill.broker.DeleteReply;
import io.tidemill.broker.EraseReply;
import io.tidemill.broker.Inspection;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.LeaseSnapshot;
import io.tidemill.broker.PurgeReply;
import io.tidemill.broker.Redrive;
import io.tidemill.broker.RedriveReply;
import io.tidemill.broker.Reschedule;
import io.tidemill.broker.WaitingCommand;
import io.tidemill.broker.WorkerCommand;
import io.tidemill.broker.WorkerSnapshot;
import io.tidemill.queue.RescheduleReply;
import io.tidemill.redis.keys.KeyKind;
import io.tidemill.redis.keys.Keyspace;
import io.tidemill.redis.keys.WireText;
import io.tidemill.redis.script.Script;
import io.tidemill.redis.script.ScriptRequest;
import io.tidemill.task.JobState;
import io.tidemill.task.Priority;
import io.tidemill.text.Names;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What operators do to one queue, as {@link RedisQueue} does what jobs need: a method per script that fills in a
 * request and reads its reply.
 *
 * <p>Thread-safe.
 */
final class QueueOperator {

    private static final byte[] NONE = {};

    private final Keyspace keys;
    private final QueueScripts scripts;
    private final NumberedRequests redrives;
    private final NumberedRequests reschedules;
    private final NumberedRequests deletes;
    private final NumberedRequests purges;
    private final NumberedRequests erasures;
    private volatile @Nullable Long listedNanos;

    QueueOperator(
            Keyspace keys, String broker, Requests requests, Connector<StatefulConnection<byte[], byte[]>> commands) {
        this.keys = keys;
        scripts = new QueueScripts(keys, requests, commands);
        redrives = new NumberedRequests(keys, broker, "redrive");
        reschedules = new NumberedRequests(keys, broker, "reschedule");
        deletes = new NumberedRequests(keys, broker, "delete");
        purges = new NumberedRequests(keys, broker, "purge");
        erasures = new NumberedRequests(keys, broker, "erase");
    }

    /** Whether no numbered request waits or is on its way. */
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
        return scripts.send(scripts.of(Script.PAUSE).with("wanted", wanted)).thenApply(reply -> reply.is("before"));
    }

    CompletableFuture<List<RedriveReply>> redrive(List<Redrive> jobs) {
        ScriptRequest request = scripts.of(Script.REDRIVE);
        for (Redrive job : jobs) {
            request.addKey(keys.job(WireText.of("job id", job.id()))).add(Math.max(0, job.delayMillis()));
        }
        return scripts.inTurn(redrives, request).thenApply(reply -> redriven(jobs.size(), reply.text("refused")));
    }

    CompletableFuture<RescheduleReply> reschedule(Reschedule job) {
        ScriptRequest request = about(job.id(), Script.RESCHEDULE)
                .with("delay", Math.max(0, job.delayMillis()))
                .with("due", Math.max(0, job.dueMillis()))
                .with("changed", job.body() == null ? NONE : StoredJob.create(Priority.DEFAULT, job.body()));
        return scripts.inTurn(reschedules, request).thenApply(reply -> RescheduleReply.valueOf(reply.text("answer")));
    }

    CompletableFuture<DeleteReply> delete(String id) {
        return scripts.inTurn(deletes, about(id, Script.DELETE))
                .thenApply(reply -> DeleteReply.valueOf(reply.text("answer")));
    }

    CompletableFuture<PurgeReply> purge(JobState state, int limit) {
        ScriptRequest request =
                scripts.of(Script.PURGE).with("state", state.name()).with("limit", limit);
        return scripts.inTurn(purges, request).thenApply(reply -> {
            String[] parts = reply.text("answer").split(" ", 2);
            return new PurgeReply(Integer.parseInt(parts[0]), parts[1].equals("1"));
        });
    }

    CompletableFuture<EraseReply> erase(boolean running) {
        ScriptRequest request = scripts.of(Script.ERASE).with("running", running ? "1" : "");
        return scripts.inTurn(erasures, request).thenApply(reply -> EraseReply.valueOf(reply.text("answer")));
    }

    CompletableFuture<Integer> trim(long keep, long maxAgeMillis, int limit) {
        return scripts.send(scripts.of(Script.TRIM)
                        .with("keep", keep)
                        .with("maxAge", maxAgeMillis)
                        .with("limit", limit))
                .thenApply(reply -> (int) reply.number("removed"));
    }

    CompletableFuture<Optional<Inspection>> inspect(String id) {
        return scripts.send(about(id, Script.INSPECT).key(KeyKind.RESULT, keys.result(WireText.of("job id", id))))
                .thenApply(reply -> JobReplies.found(id, reply).map(job -> inspection(job, reply)));
    }

    CompletableFuture<List<LeaseSnapshot>> leases(int limit) {
        return scripts.send(scripts.of(Script.LEASES).with("limit", limit)).thenApply(reply -> {
            List<LeaseSnapshot> leases = new ArrayList<>();
            for (int i = reply.first("leases"); i < reply.size(); i += 3) {
                leases.add(new LeaseSnapshot(reply.text(i), reply.number(i + 1), reply.ids(i + 2)));
            }
            return leases;
        });
    }

    CompletableFuture<Boolean> register(String worker, byte[] info, long ttlMillis) {
        return scripts.send(scripts.of(Script.REGISTER)
                        .key(KeyKind.WORKER, keys.worker(Names.check("worker id", worker)))
                        .key(KeyKind.COMMANDS, keys.commands(worker))
                        .with("id", worker)
                        .with("ttl", Math.max(0, ttlMillis))
                        .with("info", info))
                .thenApply(reply -> reply.is("commanded"));
    }

    CompletableFuture<CommandReply> command(WorkerCommand command) {
        return scripts.send(scripts.of(Script.COMMAND)
                        .key(KeyKind.COMMANDS, keys.commands(Names.check("worker id", command.worker())))
                        .key(KeyKind.REPLY, keys.reply(Names.check("command id", command.id())))
                        .with("id", command.id())
                        .with("worker", command.worker())
                        .with("ttl", command.ttlMillis())
                        .with("bytes", command.body()))
                .thenApply(reply -> CommandReply.valueOf(reply.text("left")));
    }

    CompletableFuture<List<WaitingCommand>> obey(String worker, List<CommandAnswer> answers) {
        ScriptRequest request =
                scripts.of(Script.OBEY).key(KeyKind.COMMANDS, keys.commands(Names.check("worker id", worker)));
        for (CommandAnswer answer : answers) {
            request.addKey(keys.reply(Names.check("command id", answer.id())))
                    .add(answer.id())
                    .add(answer.body());
        }
        return scripts.send(request).thenApply(reply -> {
            List<WaitingCommand> waiting = new ArrayList<>();
            for (int i = reply.first("waiting"); i < reply.size(); i += 3) {
                waiting.add(new WaitingCommand(reply.text(i), reply.number(i + 1), reply.bytes(i + 2)));
            }
            return waiting;
        });
    }

    CompletableFuture<Optional<byte[]>> answer(String command) {
        return scripts.send(
                        scripts.of(Script.ANSWER).key(KeyKind.REPLY, keys.reply(Names.check("command id", command))))
                .thenApply(reply -> Optional.of(reply.bytes("bytes")).filter(bytes -> bytes.length > 0));
    }

    CompletableFuture<List<WorkerSnapshot>> workers() {
        return scripts.send(scripts.of(Script.WORKERS)).thenApply(reply -> {
            List<WorkerSnapshot> workers = new ArrayList<>();
            for (int i = reply.first("workers"); i < reply.size(); i += 2) {
                workers.add(worker(reply.text(i), reply.bytes(i + 1)));
            }
            return workers;
        });
    }

    /** A request about one job. */
    private ScriptRequest about(String id, Script script) {
        String wire = WireText.of("job id", id);
        return scripts.of(script).key(KeyKind.JOB, keys.job(wire)).with("id", wire);
    }

    private static Inspection inspection(JobSnapshot job, Reply reply) {
        String token = reply.text("token");
        return new Inspection(
                job,
                token.isEmpty() ? null : token,
                reply.number("leaseEnd"),
                reply.is("paused"),
                (int) reply.number("ahead"),
                heldUp(reply),
                waits(reply.text("waits")));
    }

    /** How many places there are, how many are filled, and some that are not. */
    private static Inspection.@Nullable Waits waits(String words) {
        if (words.isEmpty()) {
            return null;
        }
        List<Integer> numbers =
                Stream.of(words.split(" ", -1)).map(Integer::valueOf).toList();
        return new Inspection.Waits(numbers.get(0), numbers.get(1), numbers.subList(2, numbers.size()));
    }

    private static Inspection.@Nullable HeldUp heldUp(Reply reply) {
        String scope = reply.text("limited");
        if (scope.isEmpty()) {
            return null;
        }
        boolean isGroup = scope.startsWith(LimitWords.GROUP);
        String before = reply.text("before");
        return new Inspection.HeldUp(
                isGroup ? WireText.show(scope.substring(LimitWords.GROUP.length())) : null,
                reply.number("limitedUntil"),
                before.isEmpty() ? null : WireText.show(before));
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
