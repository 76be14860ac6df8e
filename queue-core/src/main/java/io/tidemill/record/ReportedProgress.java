package io.tidemill.record;

import io.tidemill.queue.JobProgress;
import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;

/** The progress of a job as its record says it. */
public record ReportedProgress(Progress progress) implements JobProgress {

    @Override
    public OptionalInt percent() {
        return progress.percent() < 0 ? OptionalInt.empty() : OptionalInt.of(progress.percent());
    }

    @Override
    public String message() {
        return progress.message();
    }

    @Override
    public List<LogLine> lines() {
        return progress.lines().stream()
                .map(line -> new LogLine(Instant.ofEpochMilli(line.atMillis()), line.text()))
                .toList();
    }

    @Override
    public long linesBefore() {
        return progress.before();
    }

    @Override
    public int attempt() {
        return progress.attempt();
    }

    @Override
    public Instant at() {
        return Instant.ofEpochMilli(progress.atMillis());
    }

    @Override
    public boolean isNewerThan(JobProgress other) {
        return !(other instanceof ReportedProgress that)
                || progress.job() != that.progress.job()
                || progress.number() > that.progress.number();
    }

    @Override
    public String toString() {
        String percent = progress.percent() < 0 ? "" : progress.percent() + " % ";
        return percent + message() + " (" + progress.lines().size() + " lines)";
    }
}
