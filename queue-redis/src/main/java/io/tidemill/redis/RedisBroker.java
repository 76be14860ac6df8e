package io.tidemill.redis;

import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulConnection;
import io.tidemill.async.PerQueue;
import io.tidemill.broker.Broker;
import io.tidemill.broker.BrokerListener;
import io.tidemill.queue.CancelReply;
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
import io.tidemill.redis.keys.Keyspace;
import io.tidemill.text.JobIds;
import io.tidemill.task.JobState;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
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
 * {@link RedisOptions#requestTimeout}; every script tells a repeated call from a new one, so that does no harm.
 *
 * <p>Uses three connections: one for calls, one for {@link #extend} so that heartbeats never queue behind them, and one
 * that listens.
 *
 * <p>Thread-safe. Futures complete on a network thread.
 */
public final class RedisBroker implements Broker {

    private static final Set<JobState> LISTED =
            EnumSet.of(JobState.READY, JobState.SCHEDULED, JobState.ACTIVE, JobState.DEAD);

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
    private final Surveyor surveyor;
    private final AtomicBoolean closed = new AtomicBoolean();

    private RedisBroker(List<RedisURI> uris, RedisOptions options) {
        this.options = options;
        link = new RedisLink(uris, options);
        commands = link.commands();
        heartbeats = link.commands();
        requests = new Requests(link, options);
        operations = new RedisOperations(options, id, requests, commands);
        surveyor = new Surveyor(options.prefix(), link, requests, commands);
        wakeups = new Wakeups(link, options, commands, queue -> new Keyspace(options.prefix(), queue, link.database()));
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
        return new RedisBroker(RedisLink.parse(uri), options);
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
    public CompletableFuture<List<CompletionReply>> fail(String queue, List<Completion> ended) {
        checkSize("completions", 1, ended.size());
        return RedisQueue.orFailed(() -> queue(queue).fail(ended));
    }

    @Override
    public CompletableFuture<List<CompletionReply>> release(String queue, List<Completion.Release> releases) {
        checkSize("releases", 1, releases.size());
        return RedisQueue.orFailed(() -> queue(queue).release(releases));
    }

    @Override
    public CompletableFuture<List<ExtendReply>> extend(String queue, List<String> tokens, long leaseMillis) {
        checkSize("tokens", 1, tokens.size());
        return queue(queue).extend(tokens, leaseMillis);
    }

    @Override
    public CompletableFuture<Integer> promote(String queue, int limit) {
        checkSize("limit", 1, limit);
        return queue(queue).promote(limit);
    }

    @Override
    public CompletableFuture<RecoverReply> recover(String queue, int limit, int maxLostLeases, byte[] failure) {
        checkSize("limit", 1, limit);
        return queue(queue).recover(limit, maxLostLeases, failure);
    }

    @Override
    public CompletableFuture<List<JobBrief>> expire(String queue, int limit) {
        checkSize("limit", 1, limit);
        return queue(queue).expire(limit);
    }

    /** One call: the keys of these queues lie in one place, on one server. */
    @Override
    public CompletableFuture<List<Survey>> survey(List<String> names) {
        if (names.isEmpty() || names.size() > MAX_SURVEY) {
            throw new IllegalArgumentException("queues must be 1 to " + MAX_SURVEY + ", got " + names.size());
        }
        return surveyor.survey(names);
    }

    @Override
    public CompletableFuture<CancelReply> cancel(String queue, String id) {
        return queue(queue).cancel(id);
    }

    @Override
    public CompletableFuture<Optional<JobSnapshot>> find(
            String queue, String id, boolean notify, @Nullable String receipt) {
        return queue(queue).find(id, notify, receipt);
    }

    @Override
    public CompletableFuture<QueueCounts> counts(String queue) {
        return queue(queue).counts();
    }

    @Override
    public CompletableFuture<List<JobSnapshot>> list(String queue, JobState state, int offset, int limit) {
        if (!LISTED.contains(state) || offset < 0) {
            throw new IllegalArgumentException(
                    "list takes " + LISTED + " and an offset of 0 or more, got " + state + " and " + offset);
        }
        checkSize("limit", 1, limit);
        return queue(queue).list(state, offset, limit);
    }

    @Override
    public CompletableFuture<Void> limit(String queue, LimitScope scope, @Nullable Limits limits) {
        return queue(queue).limit(scope, limits);
    }

    @Override
    public long clockLead(String queue) {
        return requests.clock(queue).lead();
    }

    @Override
    public CompletableFuture<QueueLimits> limits(String queue) {
        return queue(queue).limits();
    }

    @Override
    public Subscription listen(@Nullable String worker, Set<String> queues, BrokerListener listener) {
        return wakeups.listen(worker, queues, listener);
    }

    @Override
    public Operations operations() {
        return operations;
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
