package io.tidemill.client;

import io.tidemill.record.Progress;
import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;

/**
 * How far a job has got: what its task has said by {@code TaskContext.progress} and {@code TaskContext.log}, over all
 * its runs. Of a job that has succeeded it is kept as long as its result or the job, and at least for an hour; of any
 * other for 30 days after the last change.
 *
 * <p>Immutable and thread-safe.
 */
public final class JobProgress {

    /** A line of the log of a job, and when it was written, by the clock of the process that ran the job. */
    public record LogLine(Instant at, String text) {}

    private final Progress progress;

    private JobProgress(Progress progress) {
        this.progress = progress;
    }

    /** What a record says. */
    public static JobProgress of(Progress progress) {
        return new JobProgress(progress);
    }

    /** Done in percent, 0 to 100; empty if the task has only written to its log. */
    public OptionalInt percent() {
        return progress.percent() < 0 ? OptionalInt.empty() : OptionalInt.of(progress.percent());
    }

    /** What the task said with the percentage; may be empty. */
    public String message() {
        return progress.message();
    }

    /** The newest lines of the log, at most 100, the oldest first. */
    public List<LogLine> lines() {
        return progress.lines().stream()
                .map(line -> new LogLine(Instant.ofEpochMilli(line.atMillis()), line.text()))
                .toList();
    }

    /** How many lines the log had before those that are kept. */
    public long linesBefore() {
        return progress.before();
    }

    /** The number of the run that said it. */
    public int attempt() {
        return progress.attempt();
    }

    /** When it was said, by the clock of the process that ran the job. */
    public Instant at() {
        return Instant.ofEpochMilli(progress.atMillis());
    }

    /** Whether this was said of the same job, and later than that. */
    public boolean isNewerThan(JobProgress other) {
        return progress.job() != other.progress.job() || progress.number() > other.progress.number();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof JobProgress that && progress.equals(that.progress);
    }

    @Override
    public int hashCode() {
        return progress.hashCode();
    }

    @Override
    public String toString() {
        String percent = progress.percent() < 0 ? "" : progress.percent() + " % ";
        return percent + message() + " (" + progress.lines().size() + " lines)";
    }
}
