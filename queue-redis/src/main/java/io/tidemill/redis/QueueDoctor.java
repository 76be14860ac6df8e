package io.tidemill.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanIterator;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.StringCodec;
import io.tidemill.redis.Finding.Severity;
import io.tidemill.redis.keys.Keyspace;
import io.tidemill.redis.script.Script;
import io.tidemill.redis.script.ScriptRunner;
import io.tidemill.task.Texts;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;

/**
 * Looks whether a queue's structures agree with each other. Reads only, in pages, while the queue is at work; whatever
 * looks wrong is looked at again in one script before it is reported, since jobs move while the pages are read. Keeps
 * the ids of one queue in memory, about 100 bytes each.
 *
 * <pre>java -cp ... io.tidemill.redis.QueueDoctor redis://localhost:6379 [--json] [--prefix=tm] [queue...]</pre>
 *
 * ends with 0 if all is well, 1 if something was found, 2 if it could not look.
 *
 * <p>Not thread-safe.
 */
public final class QueueDoctor implements AutoCloseable {

    private static final int PAGE = 1000;
    private static final int MOST_SUSPECTS = 10_000;
    private static final long LATE_MILLIS = 60_000;
    private static final List<String> LEVELS = List.of("0", "1", "2", "3", "5", "6", "7", "8", "9");
    private static final Map<String, String> TYPES = Map.ofEntries(
            Map.entry("leases", "zset"),
            Map.entry("ready", "list"),
            Map.entry("levels", "zset"),
            Map.entry("delayed", "zset"),
            Map.entry("dead", "zset"),
            Map.entry("counts", "hash"),
            Map.entry("waiting", "zset"),
            Map.entry("awaited", "set"),
            Map.entry("cancels", "set"),
            Map.entry("dropped", "set"),
            Map.entry("expiring", "zset"),
            Map.entry("paused", "set"),
            Map.entry("turns", "list"),
            Map.entry("parked", "zset"),
            Map.entry("limits", "hash"),
            Map.entry("holders", "set"),
            Map.entry("turn", "string"),
            Map.entry("gcra", "string"));
    /** Types of keys that there are many of, by how their names begin. */
    private static final Map<String, String> FAMILIES = Map.of(
            "ready:", "list",
            "group:", "list",
            "holders:", "set",
            "gcra:", "string",
            "unique:", "string");
    /** What may be lost after some time. */
    private static final List<String> EXPIRING = List.of("waiting", "turn", "gcra", "unique");

    private final String prefix;
    private final RedisClient client;
    private final RedisCommands<String, String> redis;
    private final StatefulRedisConnection<byte[], byte[]> scripts;
    private final List<Finding> findings = new ArrayList<>();
    private final Set<String> groups = new TreeSet<>();
    private String queue = "";

    private QueueDoctor(String uri, String prefix) {
        this.prefix = prefix;
        client = RedisClient.create(RedisLink.parse(uri));
        // One byte, one character: what the keys hold need not be text.
        redis = client.connect(new StringCodec(StandardCharsets.ISO_8859_1)).sync();
        scripts = client.connect(ByteArrayCodec.INSTANCE);
    }

    /** Connects, for queues whose keys begin with this prefix. */
    public static QueueDoctor connect(String uri, String prefix) {
        return new QueueDoctor(uri, prefix);
    }

    /** The queues that there are. */
    public Set<String> queues() {
        return new TreeSet<>(redis.smembers(ascii(Keyspace.queues(prefix))));
    }

    /** Everything that is wrong with a queue; empty if all is well. */
    public List<Finding> examine(String name) {
        queue = name;
        findings.clear();
        groups.clear();
        // Checks the name.
        new Keyspace(prefix, name);
        Set<String> recorded = new HashSet<>();
        Set<String> leases = new TreeSet<>();
        scan(recorded, leases);
        if (!findings.isEmpty()) {
            // With keys of wrong types nothing else can be read.
            return List.copyOf(findings);
        }
        Map<String, Integer> places = new HashMap<>();
        readPlaces(places, leases);
        confirm(suspects(recorded, places));
        checkLeases(leases);
        checkLevels();
        checkGroups();
        checkTimes();
        checkCounts();
        return List.copyOf(findings);
    }

    private void scan(Set<String> recorded, Set<String> leases) {
        String base = key("");
        ScanIterator<String> keys = ScanIterator.scan(
                redis, ScanArgs.Builder.matches(base.replace("[", "\\[") + "*").limit(PAGE));
        while (keys.hasNext()) {
            String key = keys.next();
            String name = key.substring(base.length());
            if (name.startsWith("job:")) {
                recorded.add(name.substring(4));
            } else if (name.startsWith("lease:")) {
                leases.add(name.substring(6));
            }
            int colon = name.indexOf(':');
            String family = name.substring(0, colon + 1);
            if (family.equals("group:")) {
                groups.add(name.substring(colon + 1));
            }
            String wanted = colon < 0 ? TYPES.get(name) : FAMILIES.get(family);
            if (wanted != null) {
                String type = redis.type(key);
                if (!type.equals(wanted) && !type.equals("none")) {
                    found(Severity.HIGH, "types", key, "is a " + type + " and must be a " + wanted);
                } else if (!EXPIRING.contains(colon < 0 ? name : name.substring(0, colon)) && redis.pttl(key) >= 0) {
                    found(Severity.HIGH, "no-expiry", key, "expires, and what it holds with it");
                }
            }
        }
    }

    private void readPlaces(Map<String, Integer> places, Set<String> leases) {
        readList(places, "ready");
        LEVELS.forEach(level -> readList(places, "ready:" + level));
        groups.forEach(group -> readList(places, "group:" + group));
        readZset(places, "delayed");
        readZset(places, "dead");
        for (String lease : leases) {
            redis.smembers(key("lease:" + lease)).forEach(id -> places.merge(id, 1, Integer::sum));
        }
    }

    private void readList(Map<String, Integer> places, String name) {
        readPages(places, at -> redis.lrange(key(name), at, at + PAGE - 1));
    }

    private void readZset(Map<String, Integer> places, String name) {
        readPages(places, at -> redis.zrange(key(name), at, at + PAGE - 1));
    }

    private static void readPages(Map<String, Integer> places, LongFunction<List<String>> pages) {
        List<String> page = pages.apply(0);
        for (long at = PAGE; !page.isEmpty(); at += PAGE) {
            page.forEach(id -> places.merge(id, 1, Integer::sum));
            page = pages.apply(at);
        }
    }

    private Set<String> suspects(Set<String> recorded, Map<String, Integer> places) {
        Set<String> suspects = new LinkedHashSet<>();
        places.forEach((id, count) -> {
            if (count != 1 || !recorded.contains(id)) {
                suspects.add(id);
            }
        });
        for (String id : recorded) {
            if (!places.containsKey(id) || redis.pttl(key("job:" + id)) >= 0) {
                suspects.add(id);
            }
        }
        for (String name : List.of("dropped", "awaited", "cancels")) {
            redis.smembers(key(name)).stream()
                    .filter(id -> !recorded.contains(id) || name.equals("dropped"))
                    .forEach(suspects::add);
        }
        return suspects;
    }

    private void confirm(Set<String> suspects) {
        int looked = 0;
        for (String id : suspects) {
            if (looked++ == MOST_SUSPECTS) {
                found(
                        Severity.MEDIUM,
                        "too-many",
                        queue,
                        Texts.count(suspects.size(), "suspect") + "; the rest was not looked at");
                return;
            }
            judge(id, ask(Script.CHECK, id));
        }
    }

    private void judge(String id, Reply seen) {
        boolean hasRecord = seen.number(2) == 1;
        long ready = seen.number(4);
        long places = ready + seen.number(5) + seen.number(6) + seen.number(7);
        if (!hasRecord && places > 0) {
            found(Severity.CRITICAL, "record", id, "is in a structure, but its record is missing");
        }
        if (hasRecord && places == 0) {
            found(Severity.CRITICAL, "orphan", id, "has a record, but is in no structure: it never runs");
        }
        if (places > 1) {
            found(Severity.HIGH, "one-place", id, "is in " + places + " places at once");
        }
        if (seen.number(3) >= 0) {
            found(Severity.HIGH, "no-expiry", id, "has a record that expires");
        }
        if (seen.number(8) == 1 && ready == 0) {
            found(Severity.MEDIUM, "leftover", id, "is to be dropped from the ready jobs, and is none of them");
        }
        if (!hasRecord && places == 0 && seen.number(9) + seen.number(10) > 0) {
            found(Severity.MEDIUM, "leftover", id, "is awaited or to be cancelled, and is not there");
        }
    }

    /** Looked at twice: a lease comes and goes between two commands. */
    private void checkLeases(Set<String> leases) {
        for (String token : leases) {
            if (redis.zscore(key("leases"), token) == null
                    && redis.exists(key("lease:" + token)) == 1
                    && redis.zscore(key("leases"), token) == null) {
                found(Severity.CRITICAL, "leases", token, "holds jobs, but has no end: they are never recovered");
            }
        }
        for (String token : redis.zrange(key("leases"), 0, -1)) {
            if (redis.exists(key("lease:" + token)) == 0
                    && redis.zscore(key("leases"), token) != null
                    && redis.exists(key("lease:" + token)) == 0) {
                found(Severity.MEDIUM, "leases", token, "has an end, but holds no jobs");
            }
        }
    }

    private void checkLevels() {
        for (String level : LEVELS) {
            if (isHidden(level)) {
                found(
                        Severity.CRITICAL,
                        "levels",
                        "ready:" + level,
                        "has jobs that no claim sees: levels does not name it");
            }
        }
    }

    private boolean isHidden(String level) {
        return redis.zscore(key("levels"), level) == null
                && redis.exists(key("ready:" + level)) == 1
                && redis.zscore(key("levels"), level) == null;
    }

    private void checkGroups() {
        for (String group : groups) {
            if (isNowhere(group)) {
                found(
                        Severity.CRITICAL,
                        "groups",
                        "group:" + group,
                        "has jobs that no claim sees: neither turns nor parked names it");
            }
        }
    }

    /** A group moves between turns and parked, so one look may miss it. */
    private boolean isNowhere(String group) {
        return redis.lpos(key("turns"), group) == null
                && redis.zscore(key("parked"), group) == null
                && redis.lpos(key("turns"), group) == null
                && redis.exists(key("group:" + group)) == 1;
    }

    private void checkTimes() {
        String late = Long.toString(millis() - LATE_MILLIS);
        long leases = redis.zcount(key("leases"), io.lettuce.core.Range.create(0, Long.parseLong(late)));
        if (leases > 0) {
            found(
                    Severity.MEDIUM,
                    "recovery",
                    queue,
                    Texts.count(leases, "lease") + " ended a minute ago or more, not recovered by anybody");
        }
        long due = redis.zcount(key("delayed"), io.lettuce.core.Range.create(0, Long.parseLong(late)));
        if (due > 0) {
            found(
                    Severity.MEDIUM,
                    "promotion",
                    queue,
                    Texts.count(due, "job") + " due a minute ago or more, not promoted by anybody");
        }
    }

    private void checkCounts() {
        Reply counts = ask(Script.COUNTS, "");
        long sum = 0;
        for (int i = Reply.FIRST; i < counts.size(); i++) {
            sum += i == 6 ? 0 : counts.number(i);
        }
        if (sum != counts.number(6)) {
            found(
                    Severity.CRITICAL,
                    "conservation",
                    queue,
                    Texts.count(counts.number(6), "job") + " accepted, " + sum + " there or ended");
        }
    }

    private Reply ask(Script script, String id) {
        byte[][] keys = script.keys().stream()
                .map(name -> name.equals("job") ? key("job:" + id) : key(name))
                .map(Requests::ascii)
                .toArray(byte[][]::new);
        byte[][] arguments = script == Script.CHECK
                ? new byte[][] {Requests.ascii("0"), Requests.ascii(id)}
                : new byte[][] {Requests.ascii("0")};
        return new Reply(ScriptRunner.run(scripts, script, keys, arguments)
                .toCompletableFuture()
                .orTimeout(60, TimeUnit.SECONDS)
                .join());
    }

    private void found(Severity severity, String invariant, String subject, String text) {
        findings.add(new Finding(severity, invariant, queue, subject, text));
    }

    private long millis() {
        return Long.parseLong(redis.time().get(0)) * 1000;
    }

    private String key(String name) {
        return prefix + ":{" + queue + "}:" + name;
    }

    private static String ascii(byte[] key) {
        return new String(key, StandardCharsets.US_ASCII);
    }

    @Override
    public void close() {
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    }

    /** See the class. */
    public static void main(String[] arguments) {
        System.exit(run(System.out, System.err, arguments));
    }

    static int run(PrintStream out, PrintStream err, String... arguments) {
        boolean json = false;
        String prefix = "tm";
        List<String> names = new ArrayList<>();
        for (String argument : arguments) {
            if (argument.equals("--json")) {
                json = true;
            } else if (argument.startsWith("--prefix=")) {
                prefix = argument.substring(9);
            } else {
                names.add(argument);
            }
        }
        if (names.isEmpty()) {
            err.println("usage: QueueDoctor redis://host:6379 [--json] [--prefix=tm] [queue...]");
            return 2;
        }
        List<Finding> all = new ArrayList<>();
        try (QueueDoctor doctor = connect(names.remove(0), prefix)) {
            for (String queue : names.isEmpty() ? doctor.queues() : names) {
                all.addAll(doctor.examine(queue));
            }
        } catch (RuntimeException e) {
            err.println("could not look: " + e.getMessage());
            return 2;
        }
        for (Finding finding : all) {
            out.println(json ? json(finding) : text(finding));
        }
        return all.isEmpty() ? 0 : 1;
    }

    private static String text(Finding it) {
        return it.severity() + " " + it.invariant() + " queue " + it.queue() + ": " + it.subject() + " " + it.text();
    }

    /** One object per line. Ids may hold anything when somebody else wrote them. */
    private static String json(Finding it) {
        return "{\"severity\":\"" + it.severity() + "\",\"invariant\":" + quoted(it.invariant()) + ",\"queue\":"
                + quoted(it.queue()) + ",\"subject\":" + quoted(it.subject()) + ",\"text\":" + quoted(it.text()) + "}";
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ' || c > '~') {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
