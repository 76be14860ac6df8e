package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanIterator;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
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

    /**
     * Tests plant missing and odd records and times long past, and steps without a workflow; conservation is checked by
     * the harness.
     */
    private static final Set<String> NOT_HERE =
            Set.of("recovery", "promotion", "conservation", "newer", "unreadable", "firing", "unlisted", "unfillable");

    private final QueueDoctor doctor;
    private final RedisLink link;
    private final RedisClusterCommands<String, String> redis;
    private final RedisClusterAsyncCommands<String, String> async;

    private RedisProbe(String uri) {
        doctor = QueueDoctor.connect(uri, "tm");
        link = new RedisLink(
                RedisAddress.parse(uri), RedisOptions.defaults().withCommandTimeout(Duration.ofMinutes(1)));
        // One byte, one character: what the keys hold need not be text.
        StatefulConnection<String, String> connection = link.connect(new StringCodec(StandardCharsets.ISO_8859_1))
                .toCompletableFuture()
                .join();
        redis = Commands.sync(connection);
        async = Commands.async(connection);
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
        Set<String> keys = keys(queue);
        if (!keys.isEmpty()) {
            redis().unlink(keys.toArray(String[]::new));
        }
    }

    /** Everything a queue's keys hold, in a form that can be compared. */
    Map<String, String> contents(String queue) {
        return image(queue).contents();
    }

    private QueueImage image(String queue) {
        return QueueImage.of(async, key(queue, ""), keys(queue));
    }

    /** The jobs that have a record. */
    Set<String> recorded(String queue) {
        Set<String> recorded = new TreeSet<>();
        String start = key(queue, "job:");
        for (String key : keys(queue)) {
            if (key.startsWith(start)) {
                recorded.add(key.substring(start.length()));
            }
        }
        return recorded;
    }

    /** The names of the schedules. */
    Set<String> schedules(String queue) {
        Set<String> names = new TreeSet<>(redis().zrange(key(queue, "schedules"), 0, -1));
        names.addAll(redis().hkeys(key(queue, "plans")));
        return names;
    }

    /** Which states the structures hold each job in. */
    Map<String, Set<JobState>> places(String queue) {
        return places(image(queue));
    }

    private static Map<String, Set<JobState>> places(QueueImage image) {
        Map<String, Set<JobState>> places = new LinkedHashMap<>();
        Set<String> dropped = new HashSet<>(image.entries("dropped"));
        for (String id : readyIds(image)) {
            add(places, id, dropped.contains(id) ? JobState.CANCELLED : JobState.READY);
        }
        image.entries("delayed").forEach(id -> add(places, id, JobState.SCHEDULED));
        image.entries("unfilled").forEach(id -> add(places, id, JobState.WAITING));
        image.entries("dead").forEach(id -> add(places, id, JobState.DEAD));
        for (String token : image.suffixes("lease:")) {
            image.entries("lease:" + token).forEach(id -> add(places, id, JobState.ACTIVE));
        }
        return places;
    }

    private static List<String> readyIds(QueueImage image) {
        List<String> ids = new ArrayList<>(image.entries("ready"));
        for (String level : LEVELS) {
            ids.addAll(image.entries("ready:" + level));
        }
        for (String group : image.suffixes("group:")) {
            ids.addAll(image.entries("group:" + group));
        }
        return ids;
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
        QueueImage image = image(queue);
        Map<String, Set<JobState>> places = places(image);
        checkExpiry(queue, image);
        assertThat(image.suffixes("job:"))
                .as("jobs with a record are those in a structure")
                .isEqualTo(places.keySet());
        checkLevels(image);
        assertThat(readyIds(image)).as("ready ids").doesNotHaveDuplicates();
        checkGroups(image, places);
        assertThat(doctor.examine(queue))
                .filteredOn(
                        finding -> !NOT_HERE.contains(finding.invariant()) && !ignored.contains(finding.invariant()))
                .as("what the doctor finds")
                .isEmpty();
        checkLocks(image);
        checkStartTimes(image);
    }

    private static void checkExpiry(String queue, QueueImage image) {
        Keyspace keyspace = new Keyspace("tm", queue);
        int start = key(queue, "").length();
        for (String key : image.keys()) {
            KeyKind kind = KeyKind.of(keyspace, key);
            if (kind != null && kind != KeyKind.UNIQUE) {
                assertThat(image.expires(key.substring(start)))
                        .as("%s expires", key)
                        .isEqualTo(kind.mayExpire());
            }
        }
    }

    private static void checkLevels(QueueImage image) {
        Set<String> filled = new TreeSet<>();
        for (String level : LEVELS) {
            if (image.has("ready:" + level)) {
                filled.add(level);
            }
        }
        Map<String, Double> levels = image.scores("levels");
        assertThat(levels.keySet())
                .as("levels are the priorities with ready jobs")
                .isEqualTo(filled);
        levels.forEach((level, score) -> assertThat(score).isEqualTo(-Double.parseDouble(level)));
    }

    private static void checkGroups(QueueImage image, Map<String, Set<JobState>> places) {
        List<String> waiting = new ArrayList<>(image.entries("turns"));
        waiting.addAll(image.entries("parked"));
        assertThat(waiting)
                .as("a group with jobs that wait is either among the turns or parked, and no other is")
                .containsExactlyInAnyOrderElementsOf(image.suffixes("group:"));
        Set<String> active = new TreeSet<>();
        Set<String> blocking = new TreeSet<>(image.entries("blocking"));
        places.forEach((id, states) -> {
            if (states.contains(JobState.ACTIVE)) {
                active.add(id);
            }
        });
        assertThat(image.entries("delayed"))
                .as("who is not to be overtaken until it is due is delayed")
                .containsAll(blocking);
        Set<String> held = new TreeSet<>();
        for (String group : image.suffixes("holders:")) {
            held.addAll(image.entries("holders:" + group));
        }
        assertThat(held)
                .as("whoever takes up a group's room is active, or not to be overtaken")
                .allMatch(id -> active.contains(id) || blocking.contains(id));
        held.removeAll(blocking);
        assertThat(held)
                .as("active jobs of groups take up their room")
                .containsExactlyInAnyOrderElementsOf(active.stream()
                        .filter(id -> words(image.text("job:" + id)).containsKey('g'))
                        .toList());
        boolean isCounted = image.field("limits", "queue").contains("c");
        Set<String> ofQueue = new TreeSet<>(image.entries("holders"));
        if (isCounted) {
            ofQueue.removeAll(blocking);
        }
        assertThat(ofQueue)
                .as("whoever takes up the queue's room, while it is limited")
                .isEqualTo(isCounted ? active : Set.of());
        image.scores("parked").forEach((group, score) -> {
            if (score == Double.POSITIVE_INFINITY) {
                assertThat(image.suffixes("holders:"))
                        .as("a group that waits for room has a job that runs")
                        .contains(group);
            }
        });
    }

    /** What locks must agree on with the jobs that they are about. */
    private static void checkLocks(QueueImage image) {
        Set<String> over = over(image);
        for (String name : image.suffixes("unique:")) {
            String holder = image.text("unique:" + name);
            String scope = image.has("job:" + holder) && !over.contains(holder) ? scope(image, holder, name) : "";
            assertThat(scope)
                    .as("%s is held by a live job that names it, or for a window past its end: %s", name, holder)
                    .isIn(image.expires("unique:" + name) ? List.of("w", "", "other") : List.of("d", "s"));
        }
        // A redriven job does not take its key again.
        if (image.field("counts", "redriven").isEmpty()) {
            for (String id : image.suffixes("job:")) {
                String name = words(image.text("job:" + id)).getOrDefault('u', "");
                if (name.startsWith("d") && !over.contains(id)) {
                    assertThat(image.text("unique:" + name.substring(1)))
                            .as("the holder of %s", name)
                            .isEqualTo(id);
                }
            }
        }
    }

    private static void checkStartTimes(QueueImage image) {
        Set<String> held = new HashSet<>();
        image.suffixes("lease:").forEach(token -> held.addAll(image.entries("lease:" + token)));
        Set<String> mustStart = new TreeSet<>();
        for (String id : image.suffixes("job:")) {
            String record = image.text("job:" + id);
            if (words(record).containsKey('x') && record.startsWith("000000000000", 3) && !held.contains(id)) {
                mustStart.add(id);
            }
        }
        mustStart.removeAll(over(image));
        assertThat(new TreeSet<>(image.entries("expiring")))
                .as("jobs that must start by a time are those that wait for their first start")
                .isEqualTo(mustStart);
    }

    /** The jobs that do not run any more. */
    private static Set<String> over(QueueImage image) {
        Set<String> over = new HashSet<>(image.entries("dropped"));
        over.addAll(image.entries("dead"));
        return over;
    }

    private static String scope(QueueImage image, String id, String name) {
        String word = words(image.text("job:" + id)).getOrDefault('u', "");
        return word.endsWith(name) && word.length() == name.length() + 1 ? word.substring(0, 1) : "other";
    }

    /** The words of a record's constraints by their first letters. */
    private static Map<Character, String> words(String record) {
        Map<Character, String> words = new TreeMap<>();
        if (record.startsWith("B") || record.startsWith("C")) {
            int length = Integer.parseInt(record.substring(16, 20));
            for (String word : length == 0
                    ? new String[0]
                    : record.substring(20, 20 + length).split(" ", -1)) {
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
