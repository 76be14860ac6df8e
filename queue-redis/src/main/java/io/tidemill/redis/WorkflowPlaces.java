package io.tidemill.redis;

import static io.tidemill.redis.ExaminedQueue.text;

import io.tidemill.redis.Finding.Severity;
import io.tidemill.redis.keys.Keyspace;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Whether each job that waits for others waits for something, each place belongs to a job, and each workflow has a
 * record. Whatever looks wrong is looked at twice, since jobs come and go while the pages are read.
 */
final class WorkflowPlaces {

    private static final String COUNT = "#";
    private static final String UNKNOWN = "-1";

    private final ExaminedQueue queue;
    private final Keyspace keys;
    private final KeyScan scan;

    WorkflowPlaces(ExaminedQueue queue, KeyScan scan) {
        this.queue = queue;
        keys = queue.keys();
        this.scan = scan;
    }

    void check() {
        checkWaiting();
        checkPlaces();
        checkRecords();
    }

    private void checkWaiting() {
        String unfilled = text(keys.unfilled());
        for (long at = 0; ; at += ExaminedQueue.PAGE) {
            List<String> page = queue.redis().zrange(unfilled, at, at + ExaminedQueue.PAGE - 1);
            if (page.isEmpty()) {
                return;
            }
            page.stream()
                    .filter(id -> !waits(id) && isUnfilled(id) && !waits(id))
                    .forEach(this::foundReady);
        }
    }

    private boolean isUnfilled(String id) {
        return queue.redis().zscore(text(keys.unfilled()), id) != null;
    }

    /** Whether there is a place that can still be filled, or their number is not known. */
    private boolean waits(String id) {
        String places = text(keys.places(id));
        String count = queue.redis().hget(places, COUNT);
        return count != null && (count.equals(UNKNOWN) || queue.redis().hlen(places) - 1 < Long.parseLong(count));
    }

    private void foundReady(String id) {
        if (isUnfilled(id)) {
            queue.found(
                    Severity.CRITICAL,
                    "waiting",
                    id,
                    "waits until its places are filled, and none is left: it never runs");
        }
    }

    private void checkPlaces() {
        for (String id : scan.withPlaces) {
            String places = text(keys.places(id));
            if (!queue.hasRecord(id) && queue.redis().exists(places) == 1 && !queue.hasRecord(id)) {
                queue.found(Severity.MEDIUM, "places", id, "has places, and is not there");
            }
        }
    }

    private void checkRecords() {
        String workflows = text(keys.workflows());
        String plans = text(keys.flowplans());
        Map<String, String> suspects = new TreeMap<>();
        queue.redis().hkeys(plans).stream()
                .filter(id -> queue.redis().zscore(workflows, id) == null)
                .forEach(id -> suspects.put(id, "has a record that is never forgotten and not listed"));
        queue.redis().hkeys(text(keys.flowends())).stream()
                .filter(id -> queue.redis().zscore(workflows, id) == null)
                .forEach(id -> suspects.put(id, "has an end and no record"));
        queue.redis().zrange(workflows, 0, -1).stream()
                .filter(id -> !queue.redis().hexists(plans, id))
                .forEach(id -> suspects.put(id, "is a workflow without a record"));
        suspects.forEach((id, what) -> {
            boolean isListed = queue.redis().zscore(workflows, id) != null;
            boolean isThere = queue.redis().hexists(plans, id)
                    || (!isListed && queue.redis().hexists(text(keys.flowends()), id));
            if (isListed != isThere) {
                queue.found(Severity.HIGH, "workflows", id, what);
            }
        });
    }
}
