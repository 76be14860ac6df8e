package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.RestoreArgs;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.KeyListOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.tidemill.redis.Scenario.Call;
import io.tidemill.redis.Scenario.Play;
import io.tidemill.redis.script.Script;
import io.tidemill.task.JobState;
import io.tidemill.test.redis.RedisCluster;
import io.tidemill.test.redis.RedisServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every script on a slot that is on its way from one node of a cluster to another, with some of the queue's keys here
 * and some there: it is refused and changes nothing, or it does its work with every job in one state.
 */
@Tag(Thorough.TAG)
class ScriptMigrationIT {

    private static final int RANDOM_SPLITS = Thorough.size(1, 4);
    /** Of the keys of a scenario that are moved alone. */
    private static final int ONE_IN = Thorough.size(8, 1);

    private static final long SEED = 20_261_121;

    private static RedisServer server;
    private static RedisProbe probe;
    private static RedisCluster cluster;
    private static RedisClient client;
    private static StatefulRedisConnection<byte[], byte[]> whole;
    private static List<StatefulRedisConnection<byte[], byte[]>> nodes;
    /** Scripts that did their work on a slot that was not all at one node. */
    private static final Set<Script> WORKED = EnumSet.noneOf(Script.class);

    private static final Set<Scenario> RAN = EnumSet.noneOf(Scenario.class);

    private final RedisBroker broker = RedisBroker.connect(server.uri());
    private int source;
    private int target;
    private int slot;
    private String targetId = "";
    /** What is at the target as long as nobody changed anything; null if somebody has. */
    private @Nullable Set<String> loaded;

    private Map<String, byte[]> dumps = Map.of();
    private final Map<String, Long> ttls = new TreeMap<>();

    @BeforeAll
    static void start() {
        server = RedisServer.start();
        probe = RedisProbe.of(server);
        cluster = RedisCluster.start(2);
        client = RedisClient.create(server.uri());
        whole = client.connect(ByteArrayCodec.INSTANCE);
        nodes = cluster.uris().stream()
                .map(uri -> client.connect(ByteArrayCodec.INSTANCE, RedisURI.create(uri)))
                .toList();
    }

    @AfterAll
    static void end() {
        Set<Script> written = EnumSet.noneOf(Script.class);
        RAN.forEach(scenario -> written.add(scenario.script()));
        // These declare keys that are new, or all keys: they are refused until the slot is at one node again.
        written.removeAll(Set.of(Script.ENQUEUE, Script.CLAIM, Script.FIND, Script.ERASE));
        written.removeAll(
                Set.of(Script.REPORT, Script.STORE, Script.FOLLOW, Script.STOP, Script.END, Script.WORKFLOWS));
        // Fewer splits do not meet each script's keys apart.
        if (Thorough.isFull() && RAN.size() == Scenario.values().length) {
            assertThat(WORKED).as("scripts that worked on half a slot").containsAll(written);
        }
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
        probe.close();
        cluster.close();
        server.close();
    }

    @AfterEach
    void close() {
        broker.close();
        probe.redis().flushall();
    }

    @ParameterizedTest
    @EnumSource(Scenario.class)
    void half_a_slot_is_refused_or_leaves_every_job_in_one_state(Scenario scenario) {
        RAN.add(scenario);
        Play play = new Play(scenario.script(), broker, probe, whole);
        Call call = scenario.prepare(play);
        Filling.fill(play, call);
        Map<String, Set<JobState>> before = probe.places(play.queue);
        assertThat(before.values()).allMatch(states -> states.size() == 1);
        Set<String> unrecorded = new TreeSet<>(before.keySet());
        unrecorded.removeAll(probe.recorded(play.queue));
        dump(play.queue);
        play.send(call);
        Set<String> staying = probe.recorded(play.queue);
        Set<String> schedules = probe.schedules(play.queue);
        Map<String, String> flows = flows(play.queue);
        begin(play.queue);

        for (Set<String> moved : splits(scenario, call)) {
            load(moved);
            long changes = changes();
            for (int node : List.of(source, target)) {
                String refusal = refusal(call, node);
                if (changes() == changes) {
                    continue;
                }
                assertThat(refusal)
                        .as("%s at node %s, moved: %s", scenario, node == source ? "source" : "target", moved)
                        .isEmpty();
                if (!moved.isEmpty() && moved.size() < dumps.size()) {
                    WORKED.add(scenario.script());
                }
                gather(play.queue);
                check(play.queue, before.keySet(), unrecorded, staying, (node == source ? "source" : "target") + moved);
                assertThat(probe.schedules(play.queue))
                        .as("schedules, moved: %s", moved)
                        .isEqualTo(schedules);
                assertThat(flows(play.queue))
                        .as("places, ends and messages, moved: %s", moved)
                        .isEqualTo(flows);
                loaded = null;
                load(moved);
                changes = changes();
            }
        }
    }

    /** What jobs of workflows wait for, how workflows ended, and what is to be sent to other queues. */
    private static Map<String, String> flows(String queue) {
        Map<String, String> flows = new TreeMap<>(probe.contents(queue));
        String start = RedisProbe.key(queue, "");
        flows.keySet().removeIf(key -> {
            String name = key.substring(start.length());
            return !name.startsWith("places:") && !Set.of("flowends", "outbox").contains(name);
        });
        return flows;
    }

    private static void check(
            String queue, Set<String> before, Set<String> unrecorded, Set<String> staying, String at) {
        Map<String, Set<JobState>> places = probe.places(queue);
        Set<String> recorded = probe.recorded(queue);
        assertThat(places.values()).as(at).allMatch(states -> states.size() == 1);
        assertThat(places.keySet()).as("out of reach, " + at).containsAll(recorded);
        Set<String> known = new HashSet<>(recorded);
        known.addAll(unrecorded);
        assertThat(known).as("without a record, " + at).containsAll(places.keySet());
        Set<String> gone = new TreeSet<>(before);
        gone.removeAll(unrecorded);
        gone.removeAll(recorded);
        assertThat(gone).as("gone, " + at).doesNotContainAnyElementsOf(staying);
        if (unrecorded.isEmpty()) {
            probe.checkInvariants(queue);
        }
    }

    /**
     * Each key alone, halves, and some at random; in a thorough build also all but each, and in an ordinary one only an
     * eighth of the keys alone. A few, if a declared key that is missing refuses all.
     */
    private List<Set<String>> splits(Scenario scenario, Call call) {
        List<String> keys = new ArrayList<>(dumps.keySet());
        List<Set<String>> splits = new ArrayList<>();
        splits.add(Set.of());
        splits.add(new LinkedHashSet<>(keys));
        splits.add(new LinkedHashSet<>(keys.subList(0, keys.size() / 2)));
        splits.add(new LinkedHashSet<>(keys.subList(keys.size() / 2, keys.size())));
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < RANDOM_SPLITS; i++) {
            Set<String> some = new LinkedHashSet<>();
            keys.stream().filter(key -> random.nextBoolean()).forEach(some::add);
            splits.add(some);
        }
        if (dumps.keySet().containsAll(call.keys())) {
            for (int i = scenario.ordinal() % ONE_IN; i < keys.size(); i += ONE_IN) {
                splits.add(Set.of(keys.get(i)));
            }
            for (String key : Thorough.isFull() ? keys : List.<String>of()) {
                Set<String> others = new LinkedHashSet<>(keys);
                others.remove(key);
                splits.add(others);
            }
        }
        return splits;
    }

    private void begin(String queue) {
        slot = cluster.slot("{" + queue + "}");
        source = cluster.ownerOf(slot);
        target = 1 - source;
        cluster.move(slot, target);
        targetId = get(nodes.get(target).async().clusterMyId());
    }

    private void dump(String queue) {
        dumps = new LinkedHashMap<>();
        RedisAsyncCommands<byte[], byte[]> redis = whole.async();
        for (String key : probe.keys(queue)) {
            dumps.put(key, get(redis.dump(bytes(key))));
            ttls.put(key, Math.max(0, get(redis.pttl(bytes(key)))));
        }
    }

    /** Puts these keys to the target and the others to the source. */
    private void load(Set<String> moved) {
        RedisAsyncCommands<byte[], byte[]> from = nodes.get(source).async();
        RedisAsyncCommands<byte[], byte[]> to = nodes.get(target).async();
        List<RedisFuture<?>> all = new ArrayList<>();
        // Without a slot that is on its way the source takes keys that it has not.
        all.add(from.clusterSetSlotStable(slot));
        if (loaded == null) {
            all.add(from.flushall());
            all.add(to.flushall());
        }
        dumps.forEach((key, dump) -> {
            boolean isMoved = moved.contains(key);
            if (loaded != null && loaded.contains(key) == isMoved) {
                return;
            }
            if (loaded != null) {
                all.add(to.asking());
                all.add((isMoved ? from : to).del(bytes(key)));
            }
            all.add(to.asking());
            all.add((isMoved ? to : from).restore(bytes(key), dump, RestoreArgs.Builder.ttl(ttls.get(key))));
        });
        all.add(from.clusterSetSlotMigrating(slot, targetId));
        for (RedisFuture<?> one : all) {
            get(one);
        }
        loaded = moved;
    }

    /** Not {@code keys}, which takes a text in Lettuce 7 and a key in Lettuce 6. */
    private static List<byte[]> keysAt(StatefulRedisConnection<byte[], byte[]> node) {
        return get(node.async()
                .dispatch(
                        CommandType.KEYS,
                        new KeyListOutput<>(ByteArrayCodec.INSTANCE),
                        new CommandArgs<>(ByteArrayCodec.INSTANCE).add("*")));
    }

    /** Puts what both nodes hold to where the probe looks; no key is at both. */
    private void gather(String queue) {
        probe.redis().flushall();
        for (StatefulRedisConnection<byte[], byte[]> node : nodes) {
            for (byte[] key : keysAt(node)) {
                get(node.async().asking());
                byte[] dump = get(node.async().dump(key));
                get(node.async().asking());
                long ttl = Math.max(0, get(node.async().pttl(key)));
                get(whole.async().restore(key, dump, RestoreArgs.Builder.ttl(ttl)));
            }
        }
    }

    private String refusal(Call call, int node) {
        StatefulRedisConnection<byte[], byte[]> connection = nodes.get(node);
        if (node == target) {
            get(connection.async().asking());
        }
        try {
            connection
                    .async()
                    .eval(
                            Sources.code(call.script()),
                            ScriptOutputType.MULTI,
                            Play.bytes(call.keys()),
                            Play.bytes(call.arguments()))
                    .toCompletableFuture()
                    .orTimeout(30, TimeUnit.SECONDS)
                    .join();
            return "";
        } catch (CompletionException e) {
            return String.valueOf(e.getCause().getMessage());
        }
    }

    /** How many writes both nodes have seen. */
    private static long changes() {
        long changes = 0;
        for (StatefulRedisConnection<byte[], byte[]> node : nodes) {
            String info = get(node.async().info("persistence"));
            changes += info.lines()
                    .filter(line -> line.startsWith("rdb_changes_since_last_save:"))
                    .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(':') + 1)))
                    .sum();
        }
        return changes;
    }

    private static <V> V get(RedisFuture<V> future) {
        return future.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
