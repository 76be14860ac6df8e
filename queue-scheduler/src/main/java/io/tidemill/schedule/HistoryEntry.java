package io.tidemill.schedule;

import io.tidemill.text.PrintableText;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What became of a due time.
 *
 * <p>Immutable.
 */
public final class HistoryEntry {

    /** What happened. Cases may be added in later releases: a {@code switch} needs a {@code default} branch. */
    public enum What {
        /**
         * A job was stored. If its call has a unique key, or its id was known, another job may have been there already:
         * then none was stored, and the broker knows no job of this id.
         */
        FIRED,
        /** Left out by the overlap policy, since the last job had not ended. */
        SKIPPED,
        /** Left out by the misfire policy, since it was too late. */
        MISSED,
        /** Waits until the last job has ended. */
        BUFFERED,
        /** A job was stored because somebody asked for it, whatever the time was. */
        TRIGGERED,
        /** Jobs were stored for a period in the past. */
        BACKFILLED
    }

    private final long due;
    private final long at;
    private final What what;
    private final long count;
    private final @Nullable String job;

    HistoryEntry(long due, long at, What what, long count, @Nullable String job) {
        this.due = due;
        this.at = at;
        this.what = what;
        this.count = count;
        this.job = job == null ? null : PrintableText.check("job id", job);
    }

    /** The due time; of several the last one. */
    public Instant due() {
        return Instant.ofEpochMilli(due);
    }

    /** When this was decided, by the broker's clock. */
    public Instant at() {
        return Instant.ofEpochMilli(at);
    }

    /** What happened. */
    public What what() {
        return what;
    }

    /**
     * How many due times it is about: 1 or more. Of a backfill as many as jobs were stored. Of those that were missed,
     * as many as were counted: at least 10,000 if there were more.
     */
    public long count() {
        return count;
    }

    /** The id of the job that was stored. */
    public Optional<String> jobId() {
        return Optional.ofNullable(job);
    }

    /** The line of the codec. */
    String line() {
        return at + " " + due + " " + what + " " + count + (job == null ? "" : " " + job);
    }

    static HistoryEntry parse(String line) {
        String[] parts = line.split(" ", 5);
        if (parts.length < 4) {
            throw new IllegalArgumentException("a line of the history has at least four parts, got \"" + line + "\"");
        }
        return new HistoryEntry(
                Long.parseLong(parts[1]),
                Long.parseLong(parts[0]),
                What.valueOf(parts[2]),
                Long.parseLong(parts[3]),
                parts.length == 5 ? parts[4] : null);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || (other instanceof HistoryEntry that
                        && due == that.due
                        && at == that.at
                        && what == that.what
                        && count == that.count
                        && Objects.equals(job, that.job));
    }

    @Override
    public int hashCode() {
        return Objects.hash(due, at, what, count, job);
    }

    @Override
    public String toString() {
        return what + (count == 1 ? "" : " " + count + " times") + ", due " + due()
                + (job == null ? "" : ", job " + job);
    }
}
