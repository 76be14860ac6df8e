package io.tidemill.redis;

import io.lettuce.core.api.StatefulConnection;
import io.tidemill.async.PerQueue;
import io.tidemill.broker.DueSchedules;
import io.tidemill.broker.FoundSchedules;
import io.tidemill.broker.ScheduleStore;
import io.tidemill.broker.ScheduleWrite;
import io.tidemill.broker.StoredSchedule;
import io.tidemill.redis.keys.Keyspace;
import io.tidemill.redis.script.Script;
import io.tidemill.redis.script.ScriptRequest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/** The schedules in the queues of a {@link RedisBroker}; checks arguments and finds the queue. Thread-safe. */
final class RedisSchedules implements ScheduleStore {

    /** The script forgets a name after this time; before it nobody need look whether the queue has schedules. */
    private static final long FORGOTTEN_MILLIS = TimeUnit.HOURS.toMillis(1);
    /** Most names in one answer. */
    private static final int PAGE = 1_000;
    /** Most queues that one call looks at. */
    private static final int MOST_LOOKED_AT = 10;

    private final RedisOptions options;
    private final String broker;
    private final Requests requests;
    private final Connector<StatefulConnection<byte[], byte[]>> commands;
    private final RedisOperations operations;
    private final PerQueue<QueueSchedules> queues = new PerQueue<>(this::newQueue, QueueSchedules::isIdle);
    private final AtomicLong made = new AtomicLong();

    RedisSchedules(
            RedisOptions options,
            String broker,
            Requests requests,
            Connector<StatefulConnection<byte[], byte[]>> commands,
            RedisOperations operations) {
        this.options = options;
        this.broker = broker;
        this.requests = requests;
        this.commands = commands;
        this.operations = operations;
    }

    @Override
    public CompletableFuture<DueSchedules> take(String queue, int limit, long holdMillis, Set<String> except) {
        checkRange("limit", 1, limit, MAX_TAKEN);
        checkRange("holdMillis", 1, holdMillis, MAX_HOLD_MILLIS);
        checkRange("except", 0, except.size(), MAX_TAKEN);
        return queues.of(queue).take(limit, holdMillis, except);
    }

    @Override
    public CompletableFuture<Boolean> write(String queue, Optional<String> expected, StoredSchedule schedule) {
        operations.noteUse(queue);
        return queues.of(queue).write(expected, schedule);
    }

    @Override
    public CompletableFuture<List<Boolean>> write(String queue, List<ScheduleWrite> writes) {
        checkRange("writes", 1, writes.size(), MAX_TAKEN);
        operations.noteUse(queue);
        return queues.of(queue).write(writes);
    }

    @Override
    public CompletableFuture<Boolean> remove(String queue, String name, String expected) {
        return queues.of(queue).remove(name, expected);
    }

    @Override
    public CompletableFuture<Optional<StoredSchedule>> find(String queue, String name) {
        return queues.of(queue).find(name);
    }

    @Override
    public CompletableFuture<FoundSchedules> find(String queue, List<String> names) {
        checkRange("names", 1, names.size(), MAX_TAKEN);
        return queues.of(queue).find(names);
    }

    @Override
    public CompletableFuture<List<StoredSchedule>> list(String queue, int offset, int limit) {
        checkRange("offset", 0, offset, Integer.MAX_VALUE);
        checkRange("limit", 1, limit, MAX_TAKEN);
        return queues.of(queue).list(offset, limit);
    }

    @Override
    public CompletableFuture<Long> count(String queue) {
        return queues.of(queue).count();
    }

    @Override
    public CompletableFuture<Long> nowMillis(String queue) {
        return queues.of(queue).nowMillis();
    }

    @Override
    public CompletableFuture<Set<String>> queues() {
        return listFrom(0, 0, new TreeMap<>()).thenApply(found -> {
            found.entrySet().stream()
                    .filter(Map.Entry::getValue)
                    .limit(MOST_LOOKED_AT)
                    .forEach(old -> lookAgain(old.getKey()));
            return found.keySet();
        });
    }

    /**
     * Adds a page and those after it. A page begins at the last time of the page before, and brings the names of that
     * time once more. So it does not matter that a name which is noted meanwhile moves to the end. With places instead
     * of times, the name that takes its place would be left out.
     *
     * @param from the last time on the pages before
     * @param skip how many of that time to leave out: 0, unless whole pages have this time only
     * @param found all names so far, and whether each was not noted for long
     */
    private CompletableFuture<Map<String, Boolean>> listFrom(long from, int skip, Map<String, Boolean> found) {
        return page(from, skip).thenCompose(reply -> {
            long last = from;
            int first = reply.first("queues");
            for (int i = first; i < reply.size(); i += 2) {
                last = reply.number(i + 1);
                found.put(reply.text(i), last < reply.serverMillis() - FORGOTTEN_MILLIS);
            }
            return reply.size() - first < 2 * PAGE
                    ? CompletableFuture.completedFuture(found)
                    : listFrom(last, last == from ? skip + PAGE : 0, found);
        });
    }

    /**
     * Forgets the name of a queue that has no schedules any more. Nobody waits for it, and if it fails the next call
     * does it. Whoever writes a schedule notes the queue first, and again after 10 minutes, so a name that was not
     * noted for an hour is of a queue into which nobody is about to write.
     */
    private void lookAgain(String queue) {
        count(queue).thenCompose(count -> planned(queue, count > 0 ? "1" : "0"));
    }

    private CompletableFuture<Reply> page(long from, int skip) {
        return planned(
                "*", request -> request.with("from", from).with("skip", skip).with("limit", PAGE));
    }

    /** Notes ('1') or forgets ('0') this queue. */
    private CompletableFuture<Reply> planned(String name, String wanted) {
        return planned(name, request -> request.with("name", name).with("wanted", wanted));
    }

    private CompletableFuture<Reply> planned(String queue, UnaryOperator<ScriptRequest> arguments) {
        return requests.send(
                commands,
                queue,
                arguments.apply(ScriptRequest.of(Script.PLANNED, List.of(Keyspace.planned(options.prefix())))),
                requests.deadline());
    }

    /** Each numbers its requests from 1, so what scripts remember of one that was forgotten must not be its own. */
    private QueueSchedules newQueue(String queue) {
        String caller = broker + "." + made.incrementAndGet();
        Keyspace keys = new Keyspace(options.prefix(), queue);
        return new QueueSchedules(new QueueScripts(keys, requests, commands), caller, () -> planned(queue, "1"));
    }

    private static void checkRange(String what, long least, long value, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + " must be " + least + " to " + most + ", got " + value);
        }
    }
}
