package io.tidemill.admin;

/**
 * How many jobs match a {@link JobFilter}.
 *
 * <p>Immutable. Made by {@link QueueAdmin}.
 */
public final class Matching {

    private final long waiting;
    private final long running;

    Matching(long waiting, long running) {
        this.waiting = waiting;
        this.running = running;
    }

    /** Those that do not run: ready, or scheduled. To cancel them ends them. */
    public long waiting() {
        return waiting;
    }

    /** Those that run: to cancel them asks their workers to interrupt them. */
    public long running() {
        return running;
    }

    /** All of them. */
    public long total() {
        return waiting + running;
    }

    @Override
    public String toString() {
        return "Matching[waiting=" + waiting + ", running=" + running + "]";
    }
}
