package io.tidemill.redis;

import io.lettuce.core.api.StatefulConnection;
import io.tidemill.async.PerQueue;
import io.tidemill.broker.DeleteReply;
import io.tidemill.broker.EraseReply;
import io.tidemill.broker.Inspection;
import io.tidemill.broker.LeaseSnapshot;
import io.tidemill.broker.Operations;
import io.tidemill.broker.PurgeReply;
import io.tidemill.broker.Redrive;
import io.tidemill.broker.RedriveReply;
import io.tidemill.broker.Reschedule;
import io.tidemill.broker.WorkerSnapshot;
import io.tidemill.queue.RescheduleReply;
import io.tidemill.redis.keys.Keyspace;
import io.tidemill.redis.script.Script;
import io.tidemill.redis.script.ScriptRequest;
import io.tidemill.task.JobState;
import io.tidemill.time.Clock;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Operations on the queues of a {@link RedisBroker}; checks arguments and finds the queue. */
final class RedisOperations implements Operations {

    private static final Set<JobState> PURGED =
            EnumSet.of(JobState.READY, JobState.SCHEDULED, JobState.WAITING, JobState.DEAD, JobState.SUCCEEDED);

    private static final long NOTED_AGAIN_NANOS = TimeUnit.MINUTES.toNanos(10);

    private final RedisOptions options;
    private final String broker;
    private final Requests requests;
    private final Connector<StatefulConnection<byte[], byte[]>> commands;
    private final PerQueue<QueueOperator> operators = new PerQueue<>(this::newOperator, QueueOperator::isIdle);
    private final AtomicLong made = new AtomicLong();

    RedisOperations(
            RedisOptions options,
            String broker,
            Requests requests,
            Connector<StatefulConnection<byte[], byte[]>> commands) {
        this.options = options;
        this.broker = broker;
        this.requests = requests;
        this.commands = commands;
    }

    @Override
    public CompletableFuture<Boolean> pause(String queue) {
        return operator(queue).pause("1").thenApply(wasPaused -> !wasPaused);
    }

    @Override
    public CompletableFuture<Boolean> resume(String queue) {
        return operator(queue).pause("0");
    }

    @Override
    public CompletableFuture<Boolean> isPaused(String queue) {
        return operator(queue).pause("");
    }

    @Override
    public CompletableFuture<List<RedriveReply>> redrive(String queue, List<Redrive> jobs) {
        RedisBroker.checkSize("jobs", 1, jobs.size());
        return operator(queue).redrive(jobs);
    }

    @Override
    public CompletableFuture<RescheduleReply> reschedule(String queue, Reschedule job) {
        return operator(queue).reschedule(job);
    }

    @Override
    public CompletableFuture<DeleteReply> delete(String queue, String id) {
        return operator(queue).delete(id);
    }

    @Override
    public CompletableFuture<PurgeReply> purge(String queue, JobState state, int limit) {
        if (!PURGED.contains(state)) {
            throw new IllegalArgumentException(
                    "jobs can be purged that are READY, SCHEDULED, WAITING, DEAD or SUCCEEDED, got " + state);
        }
        RedisBroker.checkSize("limit", 1, limit);
        return operator(queue).purge(state, limit);
    }

    CompletableFuture<Integer> trim(String queue, long keep, long maxAgeMillis, int limit) {
        return operator(queue).trim(keep, maxAgeMillis, limit);
    }

    @Override
    public CompletableFuture<Optional<Inspection>> inspect(String queue, String id) {
        return operator(queue).inspect(id);
    }

    @Override
    public CompletableFuture<List<LeaseSnapshot>> leases(String queue, int limit) {
        RedisBroker.checkSize("limit", 1, limit);
        return operator(queue).leases(limit);
    }

    /** The name is removed last: while the queue is listed, an operator can see what is left and try again. */
    @Override
    public CompletableFuture<EraseReply> erase(String queue, boolean running) {
        return operator(queue).erase(running).thenCompose(reply -> {
            if (reply != EraseReply.ERASED) {
                return CompletableFuture.completedFuture(reply);
            }
            return queues(queue, "0").thenApply(done -> {
                operator(queue).listAgain();
                return reply;
            });
        });
    }

    @Override
    public CompletableFuture<Set<String>> queues() {
        return queues("", "").thenApply(reply -> {
            Set<String> names = new TreeSet<>();
            for (int i = reply.first("names"); i < reply.size(); i++) {
                names.add(reply.text(i));
            }
            return names;
        });
    }

    @Override
    public CompletableFuture<Boolean> register(String queue, String worker, byte[] info, long ttlMillis) {
        noteUse(queue);
        return operator(queue).register(worker, info, ttlMillis);
    }

    @Override
    public CompletableFuture<List<WorkerSnapshot>> workers(String queue) {
        return operator(queue).workers();
    }

    /**
     * Lists the queue among those in use: once, and again every 10 minutes, since a Redis may have lost the list, and
     * somebody may have removed the queue meanwhile. Sent ahead of what uses the queue, and nobody waits for it.
     */
    void noteUse(String queue) {
        QueueOperator operator = operator(queue);
        if (operator.isToBeListed(Clock.system().nanos(), NOTED_AGAIN_NANOS)) {
            queues(queue, "1").whenComplete((reply, failure) -> {
                if (failure != null) {
                    operator.listAgain();
                }
            });
        }
    }

    /** Lists ('') the names, or adds ('1') or removes ('0') this one. */
    private CompletableFuture<Reply> queues(String name, String wanted) {
        return requests.send(
                commands,
                name.isEmpty() ? "*" : name,
                ScriptRequest.of(Script.QUEUES, List.of(Keyspace.queues(options.prefix())))
                        .with("name", name)
                        .with("wanted", wanted),
                requests.deadline());
    }

    QueueOperator operator(String queue) {
        return operators.of(queue);
    }

    /** Each numbers its calls from 1, so what scripts remember of one that was forgotten must not be its own. */
    private QueueOperator newOperator(String queue) {
        String caller = broker + "." + made.incrementAndGet();
        return new QueueOperator(new Keyspace(options.prefix(), queue), caller, requests, commands);
    }
}
