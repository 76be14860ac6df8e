package io.tidemill.redis;

import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulConnection;
import io.tidemill.async.PerQueue;
import io.tidemill.broker.Ability;
import io.tidemill.broker.Broker;
import io.tidemill.broker.BrokerListener;
import io.tidemill.broker.Cancellation;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.CommandStore;
import io.tidemill.broker.CompleteReply;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.broker.CountHistory;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.Leases;
import io.tidemill.broker.LimitStore;
import io.tidemill.broker.Lists;
import io.tidemill.broker.LookUp;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.NoteStore;
import io.tidemill.broker.Operations;
import io.tidemill.broker.ProgressStore;
import io.tidemill.broker.ScheduleStep;
import io.tidemill.broker.ScheduleStore;
import io.tidemill.broker.Subscription;
import io.tidemill.broker.Sweeps;
import io.tidemill.broker.WorkflowStore;
import io.tidemill.event.Probe;
import io.tidemill.redis.keys.Keyspace;
import io.tidemill.text.JobIds;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Keeps queues in Redis 6.2 or newer, or Valkey: one server, one that Sentinel watches, or a cluster, which it
 * recognises by itself.
 *
 * <p>Each call is one script, so it is done as a whole or not at all. A call that gets no answer is sent again until
 * {@link RedisOptions#requestTimeout}; every script recognises a repeated request, so that does no harm.
 *
 * <p>Uses three connections: one for requests, one for {@link #leases} so that heartbeats never queue behind them, and
 * one that listens.
 *
 * <p>Thread-safe. Futures complete on a network thread.
 */
public final class RedisBroker implements Broker {

    /** Most delayed jobs in one request, however small they are: each costs Redis more than its bytes. */
    private static final int MOST_DELAYED = 500;

    /** Most jobs with constraints in one request. */
    private static final int MOST_CONSTRAINED = 125;

    private final String id = JobIds.randomDigits(16);
    private final RedisOptions options;
    private final RedisLink link;
    private final Connector<StatefulConnection<byte[], byte[]>> commands;
    private final Connector<StatefulConnection<byte[], byte[]>> heartbeats;
    private final Requests requests;
    private final Wakeups wakeups;
    private final PerQueue<RedisQueue> queues = new PerQueue<>(this::newQueue, RedisQueue::isIdle);
    private final AtomicLong made = new AtomicLong();
    private final RedisOperations operations;
    private final RedisSweeps sweeps;
    private final RedisSchedules schedules;
    private final RedisWorkflows workflows;
    private final RedisLists lists = new RedisLists(queues::of);
    private final RedisLimits limits = new RedisLimits(queues::of);
    private final CountHistory history = new RedisHistory(queues::of);
    private final AtomicBoolean closed = new AtomicBoolean();

    private RedisBroker(List<RedisURI> uris, RedisOptions options) {
        this.options = options;
        link = new RedisLink(uris, options);
        commands = link.commands();
        heartbeats = link.commands();
        requests = new Requests(link, options);
        operations = new RedisOperations(options, id, requests, commands);
        Surveyor surveyor = new Surveyor(options.prefix(), link, requests, commands);
        sweeps = new RedisSweeps(queues::of, surveyor, operations, requests);
        schedules = new RedisSchedules(options, id, requests, commands, operations);
        wakeups = new Wakeups(link, options, commands, queue -> new Keyspace(options.prefix(), queue, link.database()));
        workflows = new RedisWorkflows(
                queue -> new Keyspace(options.prefix(), queue), id, requests, commands, operations, wakeups);
    }

    /**
     * A broker with the default options. Connects when it is opened.
     *
     * @param uri {@code redis://}, {@code rediss://} (TLS) or {@code redis-sentinel://}, with user, password and number
     *     of the database where needed. Of a cluster any node will do; several, as in
     *     {@code redis://host1:6379,host2:6379}, so that one of them may be away at the start
     * @throws IllegalArgumentException if the address cannot be read
     */
    public static RedisBroker connect(String uri) {
        return connect(uri, RedisOptions.defaults());
    }

    /**
     * A broker. Connects when it is opened.
     *
     * @param uri as for {@link #connect(String)}
     * @throws IllegalArgumentException if the address cannot be read
     */
    public static RedisBroker connect(String uri, RedisOptions options) {
        return new RedisBroker(RedisAddress.parse(uri), options);
    }

    @Override
    public Set<Ability> abilities() {
        return EnumSet.allOf(Ability.class);
    }

    @Override
    public void measure(Probe probe) {
        requests.measure(probe);
    }

    @Override
    public void open() {
        if (!options.lazyConnect()) {
            link.open(commands);
            heartbeats.connection();
        }
    }

    @Override
    public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
        checkSize("jobs", 1, jobs.size());
        operations.noteUse(queue);
        return queue(queue).enqueue(jobs);
    }

    @Override
    public int cost(NewJob job) {
        if (!job.constraints().isNone()) {
            return job.body().length + stepBytes(job) + (int) (MAX_COST / MOST_CONSTRAINED);
        }
        boolean isDelayed = job.delayMillis() > 0 || job.dueMillis() != NewJob.NOW;
        return job.body().length + (isDelayed ? (int) (MAX_COST / MOST_DELAYED) : 0);
    }

    private static int stepBytes(NewJob job) {
        ScheduleStep step = job.constraints().step();
        return step == null ? 0 : step.after().content().length;
    }

    @Override
    public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest request) {
        checkSize("limit", 1, request.limit());
        return queue(queue).claim(request);
    }

    @Override
    public CompletableFuture<CompleteReply> complete(
            String queue, List<Completion.Succeeded> succeeded, @Nullable ClaimRequest next) {
        checkSize("completions", 0, succeeded.size());
        if (next != null) {
            checkSize("limit", 1, next.limit());
        }
        return RedisQueue.orFailed(() -> queue(queue).complete(succeeded, next));
    }

    @Override
    public CompletableFuture<List<CompletionReply>> fail(String queue, List<Completion.Failed> failed) {
        checkSize("completions", 1, failed.size());
        return RedisQueue.orFailed(() -> queue(queue).fail(failed));
    }

    @Override
    public CompletableFuture<List<CompletionReply>> release(String queue, List<Completion.Release> releases) {
        checkSize("releases", 1, releases.size());
        return RedisQueue.orFailed(() -> queue(queue).release(releases));
    }

    @Override
    public Subscription listen(@Nullable String worker, Set<String> queues, BrokerListener listener) {
        return wakeups.listen(worker, queues, listener);
    }

    @Override
    public Leases leases() {
        return (queue, tokens, leaseMillis) -> {
            checkSize("tokens", 1, tokens.size());
            return queue(queue).extend(tokens, leaseMillis);
        };
    }

    @Override
    public Sweeps sweeps() {
        return sweeps;
    }

    @Override
    public LookUp lookUp() {
        return (queue, id, notify, receipt) -> queue(queue).find(id, notify, receipt);
    }

    @Override
    public Cancellation cancellation() {
        return (queue, id) -> queue(queue).cancel(id);
    }

    @Override
    public Lists lists() {
        return lists;
    }

    @Override
    public LimitStore limits() {
        return limits;
    }

    @Override
    public ScheduleStore schedules() {
        return schedules;
    }

    @Override
    public WorkflowStore workflows() {
        return workflows;
    }

    @Override
    public Operations operations() {
        return operations;
    }

    @Override
    public CountHistory history() {
        return history;
    }

    @Override
    public NoteStore notes() {
        return (queue, note) -> RedisQueue.orFailed(() -> queue(queue).notes().note(note));
    }

    @Override
    public CommandStore commands() {
        return new RedisCommands(operations::operator);
    }

    @Override
    public ProgressStore progress() {
        return new RedisProgress(this::queue);
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            wakeups.farewell();
            requests.close();
            wakeups.close();
            link.close();
        }
    }

    private RedisQueue queue(String name) {
        return queues.of(name);
    }

    /** Each numbers its calls from 1, so what scripts remember of one that was forgotten must not be its own. */
    private RedisQueue newQueue(String name) {
        String caller = id + "." + made.incrementAndGet();
        Keyspace keys = new Keyspace(options.prefix(), name);
        return new RedisQueue(keys, caller, requests, commands, heartbeats, wakeups, link::losses);
    }

    /** How many queues there are objects for. */
    int known() {
        return queues.size();
    }

    static void checkSize(String what, int least, int size) {
        if (size < least || size > MAX_BATCH) {
            throw new IllegalArgumentException(what + " must be " + least + " to " + MAX_BATCH + ", got " + size);
        }
    }
}
