package io.tidemill.redis;

import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanIterator;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.tidemill.task.BrokerException;
import io.tidemill.redis.Finding.Severity;
import io.tidemill.redis.keys.Keyspace;
import io.tidemill.redis.keys.WireText;
import io.tidemill.redis.keys.KeyKind;
import io.tidemill.redis.script.Commands;
import io.tidemill.redis.script.Script;
import io.tidemill.redis.script.ScriptRequest;
import io.tidemill.redis.script.ScriptRunner;
import io.tidemill.text.Texts;
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
import java.util.concurrent.CompletionException;
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
    private static final List<Integer> LEVELS = List.of(0, 1, 2, 3, 5, 6, 7, 8, 9);
    private static final String ANY_QUEUE = "doctor";
    /** A worker asks again within a minute; one that has not for so long has stopped asking. */
    private static final long IDLE_MILLIS = 90_000;

    private static final long FORGOTTEN_MILLIS = 300_000;

    private static final RedisOptions OPTIONS =
            RedisOptions.defaults().withConnectTimeout(Duration.ofMinutes(1)).withCommandTimeout(Duration.ofMinutes(1));

    private final String prefix;
    private final RedisLink link;
    private final RedisClusterCommands<String, String> redis;
    private final StatefulConnection<byte[], byte[]> scripts;
    private final List<Finding> findings = new ArrayList<>();
    private final Set<String> groups = new TreeSet<>();
    private final Set<String> holders = new TreeSet<>();
    private final Set<String> locks = new TreeSet<>();
    private String queue = "";
    private Keyspace keys;
    private boolean isReadable = true;

    private QueueDoctor(String uri, String prefix) {
        this.prefix = prefix;
        keys = new Keyspace(prefix, ANY_QUEUE);
        link = new RedisLink(RedisLink.parse(uri), OPTIONS);
        try {
            // One byte, one character: what the keys hold need not be text.
            redis = Commands.sync(connect(new StringCodec(StandardCharsets.ISO_8859_1)));
            scripts = connect(ByteArrayCodec.INSTANCE);
        } catch (RuntimeException e) {
            link.close();
            throw e;
        }
    }

    private <T> StatefulConnection<T, T> connect(RedisCodec<T, T> codec) {
        try {
            return link.connect(codec).toCompletableFuture().join();
        } catch (CompletionException e) {
            throw Failures.unwrap(e) instanceof BrokerException refused
                    ? refused
                    : Failures.unreachable(link.address(), OPTIONS, e);
        }
    }

    /** Connects, for queues whose keys begin with this prefix. */
    public static QueueDoctor connect(String uri, String prefix) {
        return new QueueDoctor(uri, prefix);
    }

    /** The queues that there are. */
    public Set<String> queues() {
        return new TreeSet<>(redis.smembers(text(Keyspace.queues(prefix))));
    }

    /** Everything that is wrong with a queue; empty if all is well. */
    public List<Finding> examine(String name) {
        queue = name;
        keys = new Keyspace(prefix, name);
        isReadable = true;
        findings.clear();
        groups.clear();
        holders.clear();
        locks.clear();
        Set<String> recorded = new HashSet<>();
        Set<String> leases = new TreeSet<>();
        scan(recorded, leases);
        if (!isReadable) {
            // With keys of wrong types nothing else can be read.
            return List.copyOf(findings);
        }
        Map<String, Integer> places = new HashMap<>();
        Set<String> held = readPlaces(places, leases);
        confirm(suspects(recorded, places));
        checkRecords(recorded);
        checkLeases(leases);
        checkLevels();
        checkGroups();
        checkHolders(held);
        checkConstraints(recorded);
        checkKept();
        checkTimes();
        checkIdle();
        checkCounts();
        return List.copyOf(findings);
    }

    private void scan(Set<String> recorded, Set<String> leases) {
        String all = KeyKind.beginning(keys).replace("[", "\\[") + "*";
        ScanIterator<String> names =
                ScanIterator.scan(redis, ScanArgs.Builder.matches(all).limit(PAGE));
        while (names.hasNext()) {
            String key = names.next();
            KeyKind kind = KeyKind.of(keys, key);
            if (kind == null) {
                found(Severity.MEDIUM, "unknown-key", key, "is no key that a queue has: nobody reads it");
                continue;
            }
            String name = String.valueOf(kind.nameIn(keys, key));
            switch (kind) {
                case JOB -> recorded.add(name);
                case LEASE -> leases.add(name);
                case GROUP -> groups.add(name);
                case GROUP_HOLDERS, HOLDERS -> holders.add(key);
                case UNIQUE -> locks.add(key);
                default -> {}
            }
            // Records are read again one by one if something is odd about them; there may be millions.
            if (kind != KeyKind.JOB) {
                checkType(key, kind);
            }
        }
    }

    private void checkType(String key, KeyKind kind) {
        String type = redis.type(key);
        if (!type.equals(kind.type()) && !type.equals("none")) {
            isReadable = false;
            found(Severity.HIGH, "types", key, "is a " + type + " and must be a " + kind.type());
        } else if (!kind.mayExpire() && redis.pttl(key) >= 0) {
            found(Severity.HIGH, "no-expiry", key, "expires, and what it holds with it");
        }
    }

    /** Returns who is active. */
    private Set<String> readPlaces(Map<String, Integer> places, Set<String> leases) {
        readList(places, keys.ready());
        LEVELS.forEach(level -> readList(places, keys.level(level)));
        groups.forEach(group -> readList(places, keys.group(group)));
        readZset(places, keys.delayed());
        readZset(places, keys.dead());
        Set<String> held = new HashSet<>();
        for (String lease : leases) {
            for (String id : redis.smembers(text(keys.lease(lease)))) {
                places.merge(id, 1, Integer::sum);
                held.add(id);
            }
        }
        return held;
    }

    private void readList(Map<String, Integer> places, byte[] key) {
        readPages(places, at -> redis.lrange(text(key), at, at + PAGE - 1));
    }

    private void readZset(Map<String, Integer> places, byte[] key) {
        readPages(places, at -> redis.zrange(text(key), at, at + PAGE - 1));
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
            if (!places.containsKey(id) || redis.pttl(text(keys.job(id))) >= 0) {
                suspects.add(id);
            }
        }
        suspects.addAll(redis.smembers(text(keys.dropped())));
        for (byte[] notes : List.of(keys.awaited(), keys.cancels())) {
            redis.smembers(text(notes)).stream()
                    .filter(id -> !recorded.contains(id))
                    .forEach(suspects::add);
        }
        return suspects;
    }

    /**
     * The head is enough: bodies may be large. What is dead is where an operator sees it, with what is wrong with it.
     */
    private void checkRecords(Set<String> recorded) {
        for (String id : recorded) {
            byte[] head = redis.getrange(text(keys.job(id)), 0, StoredJob.LONGEST_HEAD - 1)
                    .getBytes(StandardCharsets.ISO_8859_1);
            if (StoredJob.hasHead(head) || !isThere(id) || redis.zscore(text(keys.dead()), id) != null) {
                continue;
            }
            if (StoredJob.isNewer(head)) {
                found(Severity.MEDIUM, "newer", id, "was stored by a newer version: only its workers can run it");
            } else {
                found(Severity.HIGH, "unreadable", id, "has a record that is empty or damaged: it cannot run");
            }
        }
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
            judge(id, check(id));
        }
    }

    private void judge(String id, Reply seen) {
        boolean hasRecord = seen.is("record");
        long ready = seen.number("ready");
        long places = ready + seen.number("delayed") + seen.number("dead") + seen.number("leases");
        if (!hasRecord && places > 0) {
            found(Severity.CRITICAL, "record", id, "is in a structure, but its record is missing");
        }
        if (hasRecord && places == 0) {
            found(Severity.CRITICAL, "orphan", id, "has a record, but is in no structure: it never runs");
        }
        if (places > 1) {
            found(Severity.HIGH, "one-place", id, "is in " + places + " places at once");
        }
        if (seen.number("ttl") >= 0) {
            found(Severity.HIGH, "no-expiry", id, "has a record that expires");
        }
        if (seen.is("dropped") && ready == 0) {
            found(Severity.MEDIUM, "leftover", id, "is to be dropped from the ready jobs, and is none of them");
        }
        if (!hasRecord && places == 0 && (seen.is("awaited") || seen.is("cancels"))) {
            found(Severity.MEDIUM, "leftover", id, "is awaited or to be cancelled, and is not there");
        }
    }

    /** Looked at twice: a lease comes and goes between two commands. */
    private void checkLeases(Set<String> leases) {
        String all = text(keys.leases());
        for (String token : leases) {
            if (redis.zscore(all, token) == null
                    && redis.exists(text(keys.lease(token))) == 1
                    && redis.zscore(all, token) == null) {
                found(Severity.CRITICAL, "leases", token, "holds jobs, but has no end: they are never recovered");
            }
        }
        for (String token : redis.zrange(all, 0, -1)) {
            if (redis.exists(text(keys.lease(token))) == 0
                    && redis.zscore(all, token) != null
                    && redis.exists(text(keys.lease(token))) == 0) {
                found(Severity.MEDIUM, "leases", token, "has an end, but holds no jobs");
            }
        }
    }

    private void checkLevels() {
        for (int level : LEVELS) {
            if (isHidden(level)) {
                found(
                        Severity.CRITICAL,
                        "levels",
                        text(keys.level(level)),
                        "has jobs that no claim sees: levels does not name it");
            }
        }
    }

    private boolean isHidden(int level) {
        String levels = text(keys.levels());
        return redis.zscore(levels, Integer.toString(level)) == null
                && redis.exists(text(keys.level(level))) == 1
                && redis.zscore(levels, Integer.toString(level)) == null;
    }

    private void checkGroups() {
        for (String group : groups) {
            if (isNowhere(group)) {
                found(
                        Severity.CRITICAL,
                        "groups",
                        text(keys.group(group)),
                        "has jobs that no claim sees: neither turns nor parked names it");
            }
        }
    }

    /** A group moves between turns and parked, so one look may miss it. */
    private boolean isNowhere(String group) {
        String turns = text(keys.turns());
        return redis.lpos(turns, group) == null
                && redis.zscore(text(keys.parked()), group) == null
                && redis.lpos(turns, group) == null
                && redis.exists(text(keys.group(group))) == 1;
    }

    private void checkHolders(Set<String> held) {
        for (String key : holders) {
            for (String id : redis.smembers(key)) {
                if (!held.contains(id) && isStale(key, id) && isStale(key, id)) {
                    found(Severity.MEDIUM, "holders", id, "takes up room in " + WireText.show(key) + ", and is in no lease");
                }
            }
        }
    }

    private boolean isStale(String key, String id) {
        return check(id).number("leases") == 0 && redis.sismember(key, id);
    }

    /** Notes about jobs that are not there. A lock of such a job is free; one for a window outlives its job. */
    private void checkConstraints(Set<String> recorded) {
        for (String id : redis.zrange(text(keys.expiring()), 0, -1)) {
            if (!recorded.contains(id) && !isThere(id) && redis.zscore(text(keys.expiring()), id) != null) {
                found(Severity.MEDIUM, "leftover", id, "must start by a time, and is not there");
            }
        }
        for (String lock : locks) {
            String id = redis.get(lock);
            if (id != null
                    && !recorded.contains(id)
                    && redis.pttl(lock) == -1
                    && !isThere(id)
                    && id.equals(redis.get(lock))) {
                found(Severity.MEDIUM, "leftover", lock, "is held by " + id + ", and that job is not there");
            }
        }
    }

    /** Looked at twice: one that is forgotten leaves both places in one step. */
    private void checkKept() {
        String all = text(keys.kept());
        Range<Long> notLate = Range.create(millis() + LATE_MILLIS, Long.MAX_VALUE);
        List<String> ids = redis.zrangebyscore(all, notLate, Limit.create(0, PAGE));
        for (long at = PAGE; !ids.isEmpty(); at += PAGE) {
            String[] records = ids.stream().map(id -> text(keys.kept(id))).toArray(String[]::new);
            if (redis.exists(records) < ids.size()) {
                ids.stream()
                        .filter(id -> redis.exists(text(keys.kept(id))) == 0 && redis.zscore(all, id) != null)
                        .forEach(id -> found(Severity.MEDIUM, "kept", id, "is kept, and its record is missing"));
            }
            ids = redis.zrangebyscore(all, notLate, Limit.create(at, PAGE));
        }
    }

    private boolean isThere(String id) {
        return redis.exists(text(keys.job(id))) == 1;
    }

    private void checkTimes() {
        Range<Long> late = Range.create(0L, millis() - LATE_MILLIS);
        long leases = redis.zcount(text(keys.leases()), late);
        if (leases > 0) {
            found(
                    Severity.MEDIUM,
                    "recovery",
                    queue,
                    Texts.count(leases, "lease") + " ended a minute ago or more, not recovered by anybody");
        }
        long due = redis.zcount(text(keys.delayed()), late);
        if (due > 0) {
            found(
                    Severity.MEDIUM,
                    "promotion",
                    queue,
                    Texts.count(due, "job") + " due a minute ago or more, not promoted by anybody");
        }
    }

    /**
     * Jobs are ready, and a worker that lives has not asked for any since long. Groups may be held up, so only jobs
     * without one count; a queue that is paused or limited as a whole has a reason.
     */
    private void checkIdle() {
        if (!hasPlainJobs()
                || redis.exists(text(keys.paused())) == 1
                || redis.hexists(text(keys.limits()), "queue")) {
            return;
        }
        long now = millis();
        for (String worker :
                redis.zrangebyscore(text(keys.waiting()), Range.create(now - FORGOTTEN_MILLIS, now - IDLE_MILLIS))) {
            boolean lives = redis.exists(text(keys.worker(worker))) == 1;
            if (lives && hasPlainJobs() && redis.zscore(text(keys.waiting()), worker) != null) {
                found(
                        Severity.MEDIUM,
                        "idle",
                        worker,
                        "lives and has waited for a job for more than a minute, and jobs are ready");
            }
        }
    }

    private boolean hasPlainJobs() {
        return redis.llen(text(keys.ready())) > redis.scard(text(keys.dropped()))
                || redis.exists(text(keys.levels())) == 1;
    }

    private void checkCounts() {
        Reply counts = ask(ScriptRequest.of(Script.COUNTS, keys));
        long accepted = counts.number("accepted");
        long sum = -accepted;
        for (String part : Script.COUNTS.parts()) {
            sum += counts.number(part);
        }
        // These are among those that succeeded.
        sum -= counts.number("kept");
        if (sum != accepted) {
            found(
                    Severity.CRITICAL,
                    "conservation",
                    queue,
                    Texts.count(accepted, "job") + " accepted, " + sum + " there or ended");
        }
    }

    /** Every place that holds a job, in one look. */
    private Reply check(String id) {
        return ask(ScriptRequest.of(Script.CHECK, keys).key(KeyKind.JOB, keys.job(id)).with("id", id));
    }

    private Reply ask(ScriptRequest request) {
        return new Reply(
                request.script(),
                ScriptRunner.run(scripts, request.with("notAfter", 0))
                        .toCompletableFuture()
                        .orTimeout(60, TimeUnit.SECONDS)
                        .join());
    }

    private void found(Severity severity, String invariant, String subject, String text) {
        findings.add(new Finding(severity, invariant, queue, WireText.show(subject), text));
    }

    private long millis() {
        return Long.parseLong(redis.time().get(0)) * 1000;
    }

    private static String text(byte[] key) {
        return new String(key, StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() {
        link.close();
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
            err.println("ends with 0 if all is well, 1 if something was found, 2 if it could not look");
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
