package io.tidemill.conformance.fault;

import io.tidemill.conformance.fault.HistoryEvent.Kind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Judges whether a history kept the promises of a queue. Pure: the same history brings the same verdict.
 *
 * <p>Only what must have been wrong is reported. A request that was never answered may have been executed or not, and
 * both are allowed for. Whatever a broker did, it did between the moments that the question and its answer were written
 * down; a second lease is a fault only if no order of such moments makes it right. A lease stands at least as long as
 * it was asked for, counted from the moment that its claim, or its last extension that was answered, was asked.
 *
 * <p>The history has to hold all jobs of a queue, and {@link Kind#REMAINS} for each that is still there in the end.
 * Jobs that were expired, deleted, purged or redriven, or cancelled before they ran, it would take for lost or for
 * ghosts.
 *
 * <p>Jobs are judged one by one, so it takes as long as the history is long. Thread-safe.
 */
public final class HistoryChecker {

    /** The machine's clock and the one that a server reads for its scripts may differ by a few ticks. */
    private static final long SLACK_MICROS = 5_000;

    private HistoryChecker() {}

    /**
     * Judges.
     *
     * @param history the events of all processes, each process's in the order they were written
     */
    public static Verdict judge(Collection<HistoryEvent> history) {
        Map<String, Long> standing = new HashMap<>();
        Map<String, List<HistoryEvent>> jobs = new LinkedHashMap<>();
        for (HistoryEvent event : history) {
            if (event.kind() == Kind.CLAIMED || event.kind() == Kind.EXTENDED) {
                standing.merge(event.token(), surelyUntil(event), Math::max);
            }
            if (!event.job().isEmpty()) {
                jobs.computeIfAbsent(event.job(), job -> new ArrayList<>()).add(event);
            }
        }
        Tally tally = new Tally();
        jobs.forEach((job, events) -> new JobHistory(job, events, standing, tally).judge());
        return tally.verdict();
    }

    /** Servers count in whole ms. */
    private static long surelyUntil(HistoryEvent event) {
        return wholeMillis(event.asked()) + event.millis() * 1_000 - SLACK_MICROS;
    }

    static long wholeMillis(long micros) {
        return micros / 1_000 * 1_000;
    }

    /** Whether something that was asked at one time and was to wait cannot have been due at another. */
    static boolean isBefore(long micros, long asked, long millis) {
        return micros < wholeMillis(asked) + millis * 1_000 - SLACK_MICROS;
    }
}
