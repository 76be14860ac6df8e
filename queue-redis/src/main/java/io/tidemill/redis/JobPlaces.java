package io.tidemill.redis;

import static io.tidemill.redis.ExaminedQueue.text;

import io.tidemill.redis.Finding.Severity;
import io.tidemill.redis.keys.Keyspace;
import io.tidemill.text.Texts;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongFunction;

/**
 * Whether each job is in one place and has a record that can be read. Jobs move while pages are read, so what looks
 * wrong is looked at again in one script.
 */
final class JobPlaces {

    private static final int MOST_SUSPECTS = 10_000;

    private final ExaminedQueue queue;
    private final Keyspace keys;
    private final KeyScan scan;
    private final Map<String, Integer> places = new HashMap<>();
    private final Set<String> held = new HashSet<>();

    JobPlaces(ExaminedQueue queue, KeyScan scan) {
        this.queue = queue;
        keys = queue.keys();
        this.scan = scan;
    }

    void check() {
        read();
        confirm(suspects());
        checkRecords();
    }

    /** Ids of jobs that a lease holds. */
    Set<String> held() {
        return held;
    }

    private void read() {
        readList(keys.ready());
        QueueStructures.LEVELS.forEach(level -> readList(keys.level(level)));
        scan.groups.forEach(group -> readList(keys.group(group)));
        readZset(keys.delayed());
        readZset(keys.unfilled());
        readZset(keys.dead());
        for (String lease : scan.leases) {
            for (String id : queue.redis().smembers(text(keys.lease(lease)))) {
                places.merge(id, 1, Integer::sum);
                held.add(id);
            }
        }
    }

    private void readList(byte[] key) {
        readPages(at -> queue.redis().lrange(text(key), at, at + ExaminedQueue.PAGE - 1));
    }

    private void readZset(byte[] key) {
        readPages(at -> queue.redis().zrange(text(key), at, at + ExaminedQueue.PAGE - 1));
    }

    private void readPages(LongFunction<List<String>> pages) {
        List<String> page = pages.apply(0);
        for (long at = ExaminedQueue.PAGE; !page.isEmpty(); at += ExaminedQueue.PAGE) {
            page.forEach(id -> places.merge(id, 1, Integer::sum));
            page = pages.apply(at);
        }
    }

    private Set<String> suspects() {
        Set<String> suspects = new LinkedHashSet<>();
        places.forEach((id, count) -> {
            if (count != 1 || !scan.recorded.contains(id)) {
                suspects.add(id);
            }
        });
        for (String id : scan.recorded) {
            if (!places.containsKey(id) || queue.redis().pttl(text(keys.job(id))) >= 0) {
                suspects.add(id);
            }
        }
        suspects.addAll(queue.redis().smembers(text(keys.dropped())));
        for (byte[] notes : List.of(keys.awaited(), keys.cancels())) {
            queue.redis().smembers(text(notes)).stream()
                    .filter(id -> !scan.recorded.contains(id))
                    .forEach(suspects::add);
        }
        return suspects;
    }

    private void confirm(Set<String> suspects) {
        int looked = 0;
        for (String id : suspects) {
            if (looked++ == MOST_SUSPECTS) {
                queue.found(
                        Severity.MEDIUM,
                        "too-many",
                        keys.queue(),
                        Texts.count(suspects.size(), "suspect") + "; the rest was not looked at");
                return;
            }
            judge(id, queue.check(id));
        }
    }

    private void judge(String id, Reply seen) {
        boolean hasRecord = seen.is("record");
        long ready = seen.number("ready");
        long places =
                ready + seen.number("delayed") + seen.number("unfilled") + seen.number("dead") + seen.number("leases");
        if (!hasRecord && places > 0) {
            queue.found(Severity.CRITICAL, "record", id, "is in a structure, but its record is missing");
        }
        if (hasRecord && places == 0) {
            queue.found(Severity.CRITICAL, "orphan", id, "has a record, but is in no structure: it never runs");
        }
        if (places > 1) {
            queue.found(Severity.HIGH, "one-place", id, "is in " + places + " places at once");
        }
        if (seen.number("ttl") >= 0) {
            queue.found(Severity.HIGH, "no-expiry", id, "has a record that expires");
        }
        if (seen.is("dropped") && ready == 0) {
            queue.found(Severity.MEDIUM, "leftover", id, "is to be dropped from the ready jobs, and is none of them");
        }
        if (!hasRecord && places == 0 && (seen.is("awaited") || seen.is("cancels"))) {
            queue.found(Severity.MEDIUM, "leftover", id, "is awaited or to be cancelled, and is not there");
        }
    }

    /**
     * The head is enough: bodies may be large. Dead jobs are listed with what is wrong with them, so they are not
     * reported.
     */
    private void checkRecords() {
        for (String id : scan.recorded) {
            byte[] head = queue.redis()
                    .getrange(text(keys.job(id)), 0, StoredJob.LONGEST_HEAD - 1)
                    .getBytes(StandardCharsets.ISO_8859_1);
            if (StoredJob.hasHead(head)
                    || !queue.hasRecord(id)
                    || queue.redis().zscore(text(keys.dead()), id) != null) {
                continue;
            }
            if (StoredJob.isNewer(head)) {
                queue.found(Severity.MEDIUM, "newer", id, "was stored by a newer version: only its workers can run it");
            } else {
                queue.found(Severity.HIGH, "unreadable", id, "has a record that is empty or damaged: it cannot run");
            }
        }
    }
}
