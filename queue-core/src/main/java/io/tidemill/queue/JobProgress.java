package io.tidemill.queue;

import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;

/**
 * How far a job has got: what its task has said by {@code TaskContext.progress} and {@code TaskContext.log}, over all
 * its runs. Of a job that has succeeded it is kept as long as its result or the job, and at least for an hour; of any
 * other for 30 days after the last change.
 *
 * <p>Immutable and thread-safe. Not to be implemented by users: methods are added in later versions.
 */
public interface JobProgress {

    /** A line of the log of a job, and when it was written, by the clock of the process that ran the job. */
    record LogLine(Instant at, String text) {}

    /** Done in percent, 0 to 100; empty if the task has only written to its log. */
    OptionalInt percent();

    /** What the task said with the percentage; may be empty. */
    String message();

    /** The newest lines of the log, at most 100, the oldest first. */
    List<LogLine> lines();

    /** How many lines the log had before those that are kept. */
    long linesBefore();

    /** The number of the run that said it. */
    int attempt();

    /** When it was said, by the clock of the process that ran the job. */
    Instant at();

    /** Whether this was said of the same job, and later than that, or of another job. */
    boolean isNewerThan(JobProgress other);
}
