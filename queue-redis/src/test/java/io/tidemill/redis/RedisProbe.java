package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.Range;
import io.lettuce.core.Range.Boundary;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanIterator;
import io.lettuce.core.ScoredValue;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import io.lettuce.core.codec.StringCodec;
import io.tidemill.redis.keys.KeyKind;
import io.tidemill.redis.keys.Keyspace;
import io.tidemill.redis.script.Commands;
import io.tidemill.task.JobState;
import io.tidemill.test.redis.RedisCluster;
import io.tidemill.test.redis.RedisServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;

/** Looks at the keys themselves, past the broker, and checks what must be true of them between any two calls. */
public final class RedisProbe implements AutoCloseable {

    private static final List<String> LEVELS =
            QueueStructures.LEVELS.stream().map(String::valueOf).toList();

    /** What clients send by themselves, also while others count. */
    private static final Pattern OUTSIDE_SCRIPTS = Pattern.compile(
            "cmdstat_(evalsha|eval|script|config|info|hello|auth|client|acl|ping|subscribe|unsubscribe)\\b");

    /** Tests plant missing and odd records and times long past; conservation is checked by the harness. */
    private static final Set<String> NOT_HERE =
            Set.of("recovery", "promotion", "conservation", "newer", "unreadable", "firing", "unlisted");

    private final QueueDoctor doctor;
    private final RedisLink link;
    private final RedisClusterCommands<String, String> redis;

    private RedisProbe(String uri) {
        doctor = QueueDoctor.connect(uri, "tm");
        link = new RedisLink(
                RedisAddress.parse(uri), RedisOptions.defaults().withCommandTimeout(Duration.ofMinutes(1)));
        // One byte, one character: what the keys hold need not be text.
        redis = Commands.sync(link.connect(new StringCodec(StandardCharsets.ISO_8859_1))
                .toCompletableFuture()
                .join());
    }

    public static RedisProbe of(RedisServer server) {
        return new RedisProbe(server.uri());
    }

    static RedisProbe of(RedisCluster cluster) {
        return new RedisProbe(cluster.uri());
    }

    static RedisProbe shared() {
        return Shared.PROBE;
    }

    /**
     * Empties the server that tests share, unless it is the user's own: a look at all keys takes as long as there are
     * keys of earlier tests.
     */
    static void emptyShared() {
        if (System.getenv(RedisServer.URL_VARIABLE) == null) {
            shared().redis().flushall();
        }
    }

    /** As {@link #emptyShared}, of the cluster that tests share: all of its nodes. */
    static void emptySharedCluster() {
        sharedCluster().redis().flushall();
    }

    /** Looks at the cluster that tests share. */
    static RedisProbe sharedCluster() {
        return SharedCluster.PROBE;
    }

    RedisClusterCommands<String, String> redis() {
        return redis;
    }

    static String key(String queue, String name) {
        return "tm:{" + queue + "}:" + name;
    }

    long millis() {
        List<String> time = redis().time();
        return Long.parseLong(time.get(0)) * 1000 + Long.parseLong(time.get(1)) / 1000;
    }

    /** Waits until so much of the server's time has passed. */
    void letPass(Duration duration) {
        long until = millis() + duration.toMillis() + 1;
        long left = until - millis();
        while (left > 0) {
            LockSupport.parkNanos(Duration.ofMillis(left).toNanos());
            left = until - millis();
        }
    }

    /** How many commands scripts run meanwhile. */
    long commandsOf(Runnable call) {
        redis().configResetstat();
        call.run();
        return redis().info("commandstats")
                .lines()
                .filter(line -> line.startsWith("cmdstat_")
                        && !OUTSIDE_SCRIPTS.matcher(line).lookingAt())
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^:]*:calls=(\\d+).*", "$1")))
                .sum();
    }

    /** The keys of a queue. */
    Set<String> keys(String queue) {
        Set<String> keys = new TreeSet<>();
        ScanIterator.scan(
                        redis(),
                        ScanArgs.Builder.matches("tm:{" + queue + "}:*").limit(1000))
                .forEachRemaining(keys::add);
        return keys;
    }

    /** Takes a queue's keys out, as whoever looks for those of the next queue walks past them. */
    void forget(String queue) {
        for (String key : keys(queue)) {
            redis().unlink(key);
        }
    }

    /** Everything a queue's keys hold, in a form that can be compared. */
    Map<String, String> contents(String queue) {
        Map<String, String> contents = new TreeMap<>();
        for (String key : keys(queue)) {
            contents.put(key, content(key));
        }
        return contents;
    }

    private String content(String key) {
        String type = redis().type(key);
        return type + " "
                + switch (type) {
                    case "string" -> redis().get(key);
                    case "list" -> redis().lrange(key, 0, -1).toString();
                    case "set" -> new TreeSet<>(redis().smembers(key)).toString();
                    case "hash" -> new TreeMap<>(redis().hgetall(key)).toString();
                    case "zset" -> redis().zrangeWithScores(key, 0, -1).toString();
                    default -> "";
                };
    }

    /** The jobs that have a record. */
    Set<String> recorded(String queue) {
        return suffixes(queue, "job:");
    }

    /** The names of the schedules. */
    Set<String> schedules(String queue) {
        Set<String> names = new TreeSet<>(redis().zrange(key(queue, "schedules"), 0, -1));
        names.addAll(redis().hkeys(key(queue, "plans")));
        return names;
    }

    /** Which states the structures hold each job in. */
    Map<String, Set<JobState>> places(String queue) {
        Map<String, Set<JobState>> places = new LinkedHashMap<>();
        Set<String> dropped = redis().smembers(key(queue, "dropped"));
        for (String id : readyIds(queue)) {
            add(places, id, dropped.contains(id) ? JobState.CANCELLED : JobState.READY);
        }
        redis().zrange(key(queue, "delayed"), 0, -1).forEach(id -> add(places, id, JobState.SCHEDULED));
        redis().zrange(key(queue, "dead"), 0, -1).forEach(id -> add(places, id, JobState.DEAD));
        for (String key : keys(queue)) {
            if (key.startsWith(key(queue, "lease:"))) {
                redis().smembers(key).forEach(id -> add(places, id, JobState.ACTIVE));
            }
        }
        return places;
    }

    private List<String> readyIds(String queue) {
        List<String> ids = new ArrayList<>(redis().lrange(key(queue, "ready"), 0, -1));
        for (String level : LEVELS) {
            ids.addAll(redis().lrange(key(queue, "ready:" + level), 0, -1));
        }
        for (String group : suffixes(queue, "group:")) {
            ids.addAll(redis().lrange(key(queue, "group:" + group), 0, -1));
        }
        return ids;
    }

    /** What follows this beginning in the names of the keys that have it. */
    private Set<String> suffixes(String queue, String beginning) {
        Set<String> suffixes = new TreeSet<>();
        String start = key(queue, beginning);
        for (String key : keys(queue)) {
            if (key.startsWith(start)) {
                suffixes.add(key.substring(start.length()));
            }
        }
        return suffixes;
    }

    private static void add(Map<String, Set<JobState>> places, String id, JobState state) {
        places.computeIfAbsent(id, x -> new HashSet<>()).add(state);
    }

    /** What the lists, sets and records must agree on. */
    public void checkInvariants(String queue) {
        checkInvariants(queue, Set.of());
    }

    /** The same, whatever the doctor finds of these invariants. */
    public void checkInvariants(String queue, Set<String> ignored) {
        Set<String> keys = keys(queue);
        Map<String, Set<JobState>> places = places(queue);
        Set<String> recorded = new TreeSet<>();
        String job = key(queue, "job:");
        Keyspace keyspace = new Keyspace("tm", queue);
        for (String key : keys) {
            KeyKind kind = KeyKind.of(keyspace, key);
            if (kind == KeyKind.JOB) {
                recorded.add(key.substring(job.length()));
            }
            if (kind != null && kind != KeyKind.UNIQUE) {
                long left = redis().pttl(key);
                boolean isGone = left == -2;
                assertThat(isGone || left >= 0).as("%s expires", key).isEqualTo(kind.mayExpire());
            }
        }
        assertThat(recorded).as("jobs with a record are those in a structure").isEqualTo(places.keySet());
        Set<String> filled = new TreeSet<>();
        for (String level : LEVELS) {
            if (keys.contains(key(queue, "ready:" + level))) {
                filled.add(level);
            }
        }
        assertThat(new TreeSet<>(redis().zrange(key(queue, "levels"), 0, -1)))
                .as("levels are the priorities with ready jobs")
                .isEqualTo(filled);
        for (ScoredValue<String> level : redis().zrangeWithScores(key(queue, "levels"), 0, -1)) {
            assertThat(level.getScore()).isEqualTo(-Double.parseDouble(level.getValue()));
        }
        assertThat(readyIds(queue)).as("ready ids").doesNotHaveDuplicates();
        checkGroups(queue, places);
        assertThat(doctor.examine(queue))
                .filteredOn(
                        finding -> !NOT_HERE.contains(finding.invariant()) && !ignored.contains(finding.invariant()))
                .as("what the doctor finds")
                .isEmpty();
        checkConstraints(queue, keys, recorded);
    }

    private void checkGroups(String queue, Map<String, Set<JobState>> places) {
        List<String> waiting = new ArrayList<>(redis().lrange(key(queue, "turns"), 0, -1));
        waiting.addAll(redis().zrange(key(queue, "parked"), 0, -1));
        assertThat(waiting)
                .as("a group with jobs that wait is either among the turns or parked, and no other is")
                .containsExactlyInAnyOrderElementsOf(suffixes(queue, "group:"));
        Set<String> active = new TreeSet<>();
        places.forEach((id, states) -> {
            if (states.contains(JobState.ACTIVE)) {
                active.add(id);
            }
        });
        Set<String> held = new TreeSet<>();
        for (String group : suffixes(queue, "holders:")) {
            held.addAll(redis().smembers(key(queue, "holders:" + group)));
        }
        assertThat(active).as("whoever takes up a group's room is active").containsAll(held);
        assertThat(held)
                .as("active jobs of groups take up their room")
                .containsExactlyInAnyOrderElementsOf(active.stream()
                        .filter(id ->
                                words(redis().get(key(queue, "job:" + id))).containsKey('g'))
                        .toList());
        boolean isCounted =
                String.valueOf(redis().hget(key(queue, "limits"), "queue")).contains("c");
        assertThat(new TreeSet<>(redis().smembers(key(queue, "holders"))))
                .as("whoever takes up the queue's room, while it is limited")
                .isEqualTo(isCounted ? active : Set.of());
        for (String group : redis().zrangebyscore(
                        key(queue, "parked"),
                        Range.from(Boundary.including(Double.POSITIVE_INFINITY), Boundary.unbounded()))) {
            assertThat(suffixes(queue, "holders:"))
                    .as("a group that waits for room has a job that runs")
                    .contains(group);
        }
    }

    /** What locks and the times to start by must agree on with the jobs that they are about. */
    private void checkConstraints(String queue, Set<String> keys, Set<String> recorded) {
        Set<String> over = new HashSet<>(redis().smembers(key(queue, "dropped")));
        over.addAll(redis().zrange(key(queue, "dead"), 0, -1));
        String unique = key(queue, "unique:");
        for (String key : keys) {
            if (key.startsWith(unique)) {
                String holder = redis().get(key);
                String scope = recorded.contains(holder) && !over.contains(holder)
                        ? scope(queue, holder, key.substring(unique.length()))
                        : "";
                boolean isWindow = redis().pttl(key) >= 0;
                assertThat(scope)
                        .as("%s is held by a live job that names it, or for a window past its end: %s", key, holder)
                        .isIn(isWindow ? List.of("w", "", "other") : List.of("d", "s"));
            }
        }
        Set<String> mustStart = new TreeSet<>();
        for (String id : recorded) {
            String record = redis().get(key(queue, "job:" + id));
            Map<Character, String> words = words(record);
            String name = words.getOrDefault('u', "");
            // A redriven job does not take its key again.
            boolean hasRedriven = redis().hexists(key(queue, "counts"), "redriven");
            if (name.startsWith("d") && !over.contains(id) && !hasRedriven) {
                assertThat(redis().get(unique + name.substring(1)))
                        .as("the holder of %s", name)
                        .isEqualTo(id);
            }
            if (words.containsKey('x') && record.startsWith("000000000000", 3) && !isHeld(queue, keys, id)) {
                mustStart.add(id);
            }
        }
        mustStart.removeAll(over);
        assertThat(new TreeSet<>(redis().zrange(key(queue, "expiring"), 0, -1)))
                .as("jobs that must start by a time are those that wait for their first start")
                .isEqualTo(mustStart);
    }

    private boolean isHeld(String queue, Set<String> keys, String id) {
        return keys.stream()
                .filter(key -> key.startsWith(key(queue, "lease:")))
                .anyMatch(key -> redis().sismember(key, id));
    }

    private String scope(String queue, String id, String name) {
        String word = words(redis().get(key(queue, "job:" + id))).getOrDefault('u', "");
        return word.endsWith(name) && word.length() == name.length() + 1 ? word.substring(0, 1) : "other";
    }

    /** The words of a record's constraints by their first letters. */
    private static Map<Character, String> words(String record) {
        Map<Character, String> words = new TreeMap<>();
        if (record.startsWith("B")) {
            int length = Integer.parseInt(record.substring(16, 20));
            for (String word : record.substring(20, 20 + length).split(" ", -1)) {
                words.put(word.charAt(0), word.substring(1));
            }
        }
        return words;
    }

    @Override
    public void close() {
        doctor.close();
        link.close();
    }

    private static final class Shared {
        static final RedisProbe PROBE = of(RedisServer.shared());
    }

    private static final class SharedCluster {
        static final RedisProbe PROBE = of(RedisCluster.shared());
    }
}
