package io.tidemill.conformance.fault;

import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a {@link HistoryChecker} found.
 *
 * @param figures how much there was to judge
 * @param findings what must not be
 */
public record Verdict(Figures figures, List<Finding> findings) {

    private static final int MOST_SHOWN = 20;

    /** Keeps a copy. */
    public Verdict {
        findings = List.copyOf(findings);
    }

    /**
     * How much there was to judge.
     *
     * @param acknowledged jobs whose enqueue was acknowledged
     * @param unknown jobs whose enqueue was never answered
     * @param recovered those of them that ran nevertheless
     * @param succeeded jobs whose success was acknowledged
     * @param maybeSucceeded jobs whose success was sent and never answered, and that are gone
     * @param dead jobs that are dead
     * @param runs how often a task began
     * @param runsAfterFailure runs beyond a job's first, after its task had failed
     * @param runsAfterRelease the same, after the job had been given back
     * @param runsAfterLease the same, after its lease had come to its end
     * @param stale ends of runs that were refused because the lease had ended
     * @param endsUnknown ends of runs that were never answered
     * @param steps how often a durable step did its work
     */
    public record Figures(
            long acknowledged,
            long unknown,
            long recovered,
            long succeeded,
            long maybeSucceeded,
            long dead,
            long runs,
            long runsAfterFailure,
            long runsAfterRelease,
            long runsAfterLease,
            long stale,
            long endsUnknown,
            long steps) {}

    /**
     * One thing that must not be.
     *
     * @param anomaly what kind of thing
     * @param job the job
     * @param why what shows it
     * @param history everything that happened to the job
     */
    public record Finding(Anomaly anomaly, String job, String why, List<HistoryEvent> history) {

        /** Keeps a copy. */
        public Finding {
            history = List.copyOf(history);
        }
    }

    /** Whether every promise was kept. */
    public boolean isClean() {
        return findings.isEmpty();
    }

    /** How often this was found. */
    public long count(Anomaly anomaly) {
        return findings.stream().filter(one -> one.anomaly() == anomaly).count();
    }

    /** Figures, counts of each anomaly, and the smallest histories that show one. */
    public String report() {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "jobs acknowledged %d, enqueue unanswered %d (of those ran %d)%n"
                        + "succeeded %d, success unanswered and gone %d, dead %d%n"
                        + "runs %d, of those again: after a failure %d, after a release %d, after a lease %d%n"
                        + "ends refused as stale %d, ends unanswered %d, steps %d%n",
                figures.acknowledged(),
                figures.unknown(),
                figures.recovered(),
                figures.succeeded(),
                figures.maybeSucceeded(),
                figures.dead(),
                figures.runs(),
                figures.runsAfterFailure(),
                figures.runsAfterRelease(),
                figures.runsAfterLease(),
                figures.stale(),
                figures.endsUnknown(),
                figures.steps()));
        Map<Anomaly, Long> counts = new EnumMap<>(Anomaly.class);
        for (Anomaly anomaly : Anomaly.values()) {
            counts.put(anomaly, count(anomaly));
        }
        text.append(counts).append(System.lineSeparator());
        findings.stream()
                .sorted(Comparator.comparingInt(one -> one.history().size()))
                .limit(MOST_SHOWN)
                .forEach(one -> {
                    text.append(String.format("%n%s %s: %s%n", one.anomaly(), one.job(), one.why()));
                    one.history()
                            .forEach(event ->
                                    text.append("  ").append(event.line()).append('\n'));
                });
        return text.toString();
    }
}
