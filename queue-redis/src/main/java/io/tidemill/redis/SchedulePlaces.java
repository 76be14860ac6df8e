package io.tidemill.redis;

import static io.tidemill.redis.ExaminedQueue.text;

import io.lettuce.core.MapScanCursor;
import io.lettuce.core.Range;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.tidemill.redis.Finding.Severity;
import io.tidemill.redis.keys.Keyspace;
import io.tidemill.text.Texts;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Whether each schedule of a queue has a time and a content, and whether somebody fires them. Whatever looks wrong is
 * looked at twice, since schedules come and go while the pages are read.
 */
final class SchedulePlaces {

    private static final long LATE_MILLIS = 60_000;
    /** Contents may be large, and come along with the names. */
    private static final int PAGE = 100;

    private final ExaminedQueue queue;
    private final String prefix;
    private final String schedules;
    private final String plans;

    SchedulePlaces(ExaminedQueue queue, String prefix) {
        this.queue = queue;
        this.prefix = prefix;
        schedules = text(queue.keys().schedules());
        plans = text(queue.keys().plans());
    }

    void check() {
        checkContents();
        checkTimes();
        checkFired();
    }

    private void checkContents() {
        MapScanCursor<String, String> page =
                queue.redis().hscan(plans, ScanCursor.INITIAL, ScanArgs.Builder.limit(PAGE));
        while (true) {
            page.getMap().forEach(this::checkContent);
            if (page.isFinished()) {
                return;
            }
            page = queue.redis().hscan(plans, page, ScanArgs.Builder.limit(PAGE));
        }
    }

    private void checkContent(String name, String plan) {
        if (StoredPlan.read(name, plan.getBytes(StandardCharsets.ISO_8859_1)).isEmpty()) {
            queue.found(
                    Severity.HIGH,
                    "unreadable",
                    name,
                    "is a schedule that cannot be read: it does not fire until written");
        }
        if (queue.redis().zscore(schedules, name) == null
                && queue.redis().hexists(plans, name)
                && queue.redis().zscore(schedules, name) == null) {
            queue.found(
                    Severity.HIGH, "schedules", name, "is a schedule without a time: it does not fire until written");
        }
    }

    private void checkTimes() {
        List<String> names = queue.redis().zrange(schedules, 0, ExaminedQueue.PAGE - 1);
        for (long at = ExaminedQueue.PAGE; !names.isEmpty(); at += ExaminedQueue.PAGE) {
            names.stream()
                    .filter(name -> !queue.redis().hexists(plans, name)
                            && queue.redis().zscore(schedules, name) != null
                            && !queue.redis().hexists(plans, name))
                    .forEach(name -> queue.found(
                            Severity.MEDIUM, "schedules", name, "is the time of a schedule that is not there"));
            names = queue.redis().zrange(schedules, at, at + ExaminedQueue.PAGE - 1);
        }
    }

    private void checkFired() {
        long late = queue.redis().zcount(schedules, Range.create(0L, queue.millis() - LATE_MILLIS));
        String name = queue.keys().queue();
        if (late > 0) {
            queue.found(
                    Severity.MEDIUM,
                    "firing",
                    name,
                    Texts.count(late, "schedule") + " due a minute ago or more, not fired by anybody");
        }
        String listed = text(Keyspace.planned(prefix));
        if (queue.redis().zscore(listed, name) == null
                && queue.redis().zcard(schedules) > 0
                && queue.redis().zscore(listed, name) == null) {
            queue.found(
                    Severity.HIGH,
                    "unlisted",
                    name,
                    "has schedules, and is not listed among the queues that have some: nobody fires them");
        }
    }
}
