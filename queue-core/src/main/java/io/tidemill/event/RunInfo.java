package io.tidemill.event;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The run that an event is about.
 *
 * <p>Immutable. Made by Tidemill; {@link #of} is for tests of listeners.
 */
public final class RunInfo {

    private final int attempt;
    private final int failures;
    private final int lostLeases;
    private final int releases;
    private final @Nullable Duration waited;
    private final @Nullable Duration took;
    private final @Nullable Throwable thrown;
    private final boolean resultLost;

    private RunInfo(
            int attempt,
            int failures,
            int lostLeases,
            int releases,
            @Nullable Duration waited,
            @Nullable Duration took,
            @Nullable Throwable thrown,
            boolean resultLost) {
        this.attempt = attempt;
        this.failures = failures;
        this.lostLeases = lostLeases;
        this.releases = releases;
        this.waited = waited;
        this.took = took;
        this.thrown = thrown;
        this.resultLost = resultLost;
    }

    /** A run of this number, of which nothing else is known. */
    public static RunInfo of(int attempt) {
        return new RunInfo(attempt, 0, 0, 0, null, null, null, false);
    }

    /** The same with what happened to the job so far. */
    public RunInfo withCounts(int failed, int lost, int released) {
        return new RunInfo(attempt, failed, lost, released, waited, took, thrown, resultLost);
    }

    /** The same with the time that the job waited. */
    public RunInfo withWaited(@Nullable Duration duration) {
        return new RunInfo(attempt, failures, lostLeases, releases, duration, took, thrown, resultLost);
    }

    /** The same with its duration. */
    public RunInfo withTook(@Nullable Duration duration) {
        return new RunInfo(attempt, failures, lostLeases, releases, waited, duration, thrown, resultLost);
    }

    /** The same with what was thrown. */
    public RunInfo withThrown(@Nullable Throwable what) {
        return new RunInfo(attempt, failures, lostLeases, releases, waited, took, what, resultLost);
    }

    /** The same, of a run whose result could not be stored. */
    public RunInfo withResultLost() {
        return new RunInfo(attempt, failures, lostLeases, releases, waited, took, thrown, true);
    }

    /** Its number, from 1. */
    public int attempt() {
        return attempt;
    }

    /** How many runs of the job failed before this one. */
    public int failures() {
        return failures;
    }

    /** How many leases on the job ended before this one. */
    public int lostLeases() {
        return lostLeases;
    }

    /** How many times the job was given back without a failure before this run. */
    public int releases() {
        return releases;
    }

    /**
     * How long the job waited in its queue before its first run: from its call, or from when it was due if a delay was
     * asked for, until the run began. By the clocks of the producer and of this process. Null of later runs, of a step
     * of a workflow that waited for the values of others, and if the job's record cannot be read.
     */
    public @Nullable Duration waited() {
        return waited;
    }

    /** How long it ran; null as long as it has not ended, and if it did not run in this process. */
    public @Nullable Duration took() {
        return took;
    }

    /**
     * What ended it, if that was thrown in this process: for tools that group errors. Its methods are code of the
     * application and may throw; {@link io.tidemill.message.Failure} has the same as bounded texts.
     */
    public @Nullable Throwable thrown() {
        return thrown;
    }

    /**
     * Whether the run succeeded and the result backend did not keep its result. Whoever awaits the job gets an error.
     */
    public boolean isResultLost() {
        return resultLost;
    }

    /** One line for logs. */
    @Override
    public String toString() {
        return "attempt " + attempt + " (before it: failures " + failures + ", lost leases " + lostLeases
                + ", releases " + releases + ")" + (took == null ? "" : " took " + took);
    }
}
