package io.tidemill.redis;

import static io.tidemill.redis.ExaminedQueue.text;

import io.tidemill.broker.WorkflowMember;
import io.tidemill.redis.Finding.Severity;
import io.tidemill.redis.keys.Keyspace;
import io.tidemill.redis.keys.WireText;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Whether each job that waits for others waits for something, and its workflow is there; whether each place belongs to
 * a job, and each workflow has a record. Whatever looks wrong is looked at twice, since jobs come and go while the
 * pages are read.
 */
final class WorkflowPlaces {

    private static final String COUNT = "#";
    private static final String UNKNOWN = "-1";
    /** Enough for the head of a record and its words, of which only the id of a workflow is long. */
    private static final int BEGINNING = 4096;

    private final ExaminedQueue queue;
    private final Keyspace keys;
    private final KeyScan scan;
    private final String prefix;
    /** Workflows whose record was found. */
    private final Set<WorkflowMember> found = new HashSet<>();

    WorkflowPlaces(ExaminedQueue queue, KeyScan scan, String prefix) {
        this.queue = queue;
        this.prefix = prefix;
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
            page.forEach(this::checkWorkflow);
        }
    }

    /** Its places are filled by steps of its workflow: without the record there are none, or nobody finds them. */
    private void checkWorkflow(String id) {
        WorkflowMember member = StoredJob.memberOf(
                queue.redis().getrange(text(keys.job(id)), 0, BEGINNING - 1).getBytes(StandardCharsets.ISO_8859_1));
        if (member == null) {
            return;
        }
        WorkflowMember workflow = new WorkflowMember(member.workflow(), member.home(), 0);
        if (found.contains(workflow)) {
            return;
        }
        if (isKnown(workflow)) {
            found.add(workflow);
        } else if (isUnfilled(id) && !isKnown(workflow)) {
            queue.found(
                    Severity.CRITICAL,
                    "unfillable",
                    id,
                    "waits for other steps, and workflow " + member.workflow() + " of queue " + member.home()
                            + " is not there: it never runs");
        }
    }

    private boolean isKnown(WorkflowMember workflow) {
        String home = text(new Keyspace(prefix, workflow.home()).workflows());
        return queue.redis().zscore(home, WireText.of("workflow id", workflow.workflow())) != null;
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
