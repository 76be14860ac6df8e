package io.tidemill.redis;

import static io.tidemill.redis.ExaminedQueue.text;

import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.tidemill.redis.Finding.Severity;
import io.tidemill.redis.keys.Keyspace;
import io.tidemill.redis.keys.WireText;
import io.tidemill.redis.script.Script;
import io.tidemill.text.Texts;
import java.util.List;
import java.util.Set;

/** Whether what a queue keeps beside the places of its jobs agrees with these, and whether somebody looks after it. */
final class QueueStructures {

    /** The priorities that have a list of their own. */
    static final List<Integer> LEVELS = List.of(0, 1, 2, 3, 5, 6, 7, 8, 9);

    private static final long LATE_MILLIS = 60_000;
    /** A worker asks again within a minute; one that has not for so long has stopped asking. */
    private static final long IDLE_MILLIS = 90_000;

    private static final long FORGOTTEN_MILLIS = 300_000;

    private final ExaminedQueue queue;
    private final Keyspace keys;
    private final KeyScan scan;

    QueueStructures(ExaminedQueue queue, KeyScan scan) {
        this.queue = queue;
        keys = queue.keys();
        this.scan = scan;
    }

    /** @param held ids of jobs that a lease holds */
    void check(Set<String> held) {
        checkLeases();
        checkLevels();
        checkGroups();
        checkHolders(held);
        checkConstraints();
        checkKept();
        checkTimes();
        checkIdle();
        checkCounts();
    }

    /** Read twice: a lease may begin and end between two commands. */
    private void checkLeases() {
        String all = text(keys.leases());
        for (String token : scan.leases) {
            if (queue.redis().zscore(all, token) == null
                    && queue.redis().exists(text(keys.lease(token))) == 1
                    && queue.redis().zscore(all, token) == null) {
                queue.found(Severity.CRITICAL, "leases", token, "holds jobs, but has no end: they are never recovered");
            }
        }
        for (String token : queue.redis().zrange(all, 0, -1)) {
            if (queue.redis().exists(text(keys.lease(token))) == 0
                    && queue.redis().zscore(all, token) != null
                    && queue.redis().exists(text(keys.lease(token))) == 0) {
                queue.found(Severity.MEDIUM, "leases", token, "has an end, but holds no jobs");
            }
        }
    }

    private void checkLevels() {
        for (int level : LEVELS) {
            if (isHidden(level)) {
                queue.found(
                        Severity.CRITICAL,
                        "levels",
                        text(keys.level(level)),
                        "has jobs that no claim sees: levels does not name it");
            }
        }
    }

    private boolean isHidden(int level) {
        String levels = text(keys.levels());
        return queue.redis().zscore(levels, Integer.toString(level)) == null
                && queue.redis().exists(text(keys.level(level))) == 1
                && queue.redis().zscore(levels, Integer.toString(level)) == null;
    }

    private void checkGroups() {
        for (String group : scan.groups) {
            if (isNowhere(group)) {
                queue.found(
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
        return queue.redis().lpos(turns, group) == null
                && queue.redis().zscore(text(keys.parked()), group) == null
                && queue.redis().lpos(turns, group) == null
                && queue.redis().exists(text(keys.group(group))) == 1;
    }

    private void checkHolders(Set<String> held) {
        for (String key : scan.holders) {
            for (String id : queue.redis().smembers(key)) {
                if (!held.contains(id) && isStale(key, id) && isStale(key, id)) {
                    queue.found(
                            Severity.MEDIUM,
                            "holders",
                            id,
                            "takes up room in " + WireText.show(key) + ", and is in no lease");
                }
            }
        }
        for (String id : queue.redis().smembers(text(keys.blocking()))) {
            if (!isDelayed(id) && isBlocking(id) && !isDelayed(id) && isBlocking(id)) {
                queue.found(
                        Severity.MEDIUM, "holders", id, "is not to be overtaken until it is due, and is not delayed");
            }
        }
    }

    private boolean isStale(String key, String id) {
        return queue.check(id).number("leases") == 0
                && !(isBlocking(id) && isDelayed(id))
                && queue.redis().sismember(key, id);
    }

    private boolean isBlocking(String id) {
        return queue.redis().sismember(text(keys.blocking()), id);
    }

    private boolean isDelayed(String id) {
        return queue.redis().zscore(text(keys.delayed()), id) != null;
    }

    /** Notes about jobs that are not there. A lock of such a job is free; one for a window outlives its job. */
    private void checkConstraints() {
        for (String id : queue.redis().zrange(text(keys.expiring()), 0, -1)) {
            if (!scan.recorded.contains(id)
                    && !queue.hasRecord(id)
                    && queue.redis().zscore(text(keys.expiring()), id) != null) {
                queue.found(Severity.MEDIUM, "leftover", id, "must start by a time, and is not there");
            }
        }
        for (String lock : scan.locks) {
            String id = queue.redis().get(lock);
            if (id != null
                    && !scan.recorded.contains(id)
                    && queue.redis().pttl(lock) == -1
                    && !queue.hasRecord(id)
                    && id.equals(queue.redis().get(lock))) {
                queue.found(Severity.MEDIUM, "leftover", lock, "is held by " + id + ", and that job is not there");
            }
        }
    }

    /** Read twice: a job that is forgotten leaves both places in one step. */
    private void checkKept() {
        String all = text(keys.kept());
        Range<Long> notLate = Range.create(queue.millis() + LATE_MILLIS, Long.MAX_VALUE);
        int page = ExaminedQueue.PAGE;
        List<String> ids = queue.redis().zrangebyscore(all, notLate, Limit.create(0, page));
        for (long at = page; !ids.isEmpty(); at += page) {
            String[] records = ids.stream().map(id -> text(keys.kept(id))).toArray(String[]::new);
            if (queue.redis().exists(records) < ids.size()) {
                ids.stream()
                        .filter(id -> queue.redis().exists(text(keys.kept(id))) == 0
                                && queue.redis().zscore(all, id) != null)
                        .forEach(id -> queue.found(Severity.MEDIUM, "kept", id, "is kept, and its record is missing"));
            }
            ids = queue.redis().zrangebyscore(all, notLate, Limit.create(at, page));
        }
    }

    private void checkTimes() {
        Range<Long> late = Range.create(0L, queue.millis() - LATE_MILLIS);
        long leases = queue.redis().zcount(text(keys.leases()), late);
        if (leases > 0) {
            queue.found(
                    Severity.MEDIUM,
                    "recovery",
                    keys.queue(),
                    Texts.count(leases, "lease") + " ended a minute ago or more, not recovered by anybody");
        }
        long due = queue.redis().zcount(text(keys.delayed()), late);
        if (due > 0) {
            queue.found(
                    Severity.MEDIUM,
                    "promotion",
                    keys.queue(),
                    Texts.count(due, "job") + " due a minute ago or more, not promoted by anybody");
        }
    }

    /**
     * Jobs are ready, and a worker that lives has not asked for any since long. Groups may be held up, so only jobs
     * without one count; a queue that is paused or limited as a whole has a reason.
     */
    private void checkIdle() {
        if (!hasPlainJobs()
                || queue.redis().exists(text(keys.paused())) == 1
                || queue.redis().hexists(text(keys.limits()), "queue")) {
            return;
        }
        long now = queue.millis();
        for (String worker : queue.redis()
                .zrangebyscore(text(keys.waiting()), Range.create(now - FORGOTTEN_MILLIS, now - IDLE_MILLIS))) {
            boolean lives = queue.redis().exists(text(keys.worker(worker))) == 1;
            if (lives && hasPlainJobs() && queue.redis().zscore(text(keys.waiting()), worker) != null) {
                queue.found(
                        Severity.MEDIUM,
                        "idle",
                        worker,
                        "lives and has waited for a job for more than a minute, and jobs are ready");
            }
        }
    }

    private boolean hasPlainJobs() {
        return queue.redis().llen(text(keys.ready())) > queue.redis().scard(text(keys.dropped()))
                || queue.redis().exists(text(keys.levels())) == 1;
    }

    private void checkCounts() {
        Reply counts = queue.counts();
        long accepted = counts.number("accepted");
        long sum = -accepted;
        for (String part : Script.COUNTS.parts()) {
            sum += counts.number(part);
        }
        // These are among those that succeeded.
        sum -= counts.number("kept");
        if (sum != accepted) {
            queue.found(
                    Severity.CRITICAL,
                    "conservation",
                    keys.queue(),
                    Texts.count(accepted, "job") + " accepted, " + sum + " there or ended");
        }
    }
}
