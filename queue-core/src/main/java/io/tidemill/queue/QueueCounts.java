package io.tidemill.queue;

/**
 * How many jobs a queue holds, by state, and how many it has seen.
 *
 * @param ready may be claimed now
 * @param scheduled delayed, or waiting for another try
 * @param active under a lease
 * @param dead given up and kept
 * @param accepted ever stored
 * @param succeeded ever succeeded
 * @param cancelled ever cancelled
 * @param expired ever expired
 * @param removed ever taken out: deleted, purged, or dead and trimmed
 */
public record QueueCounts(
        long ready,
        long scheduled,
        long active,
        long dead,
        long accepted,
        long succeeded,
        long cancelled,
        long expired,
        long removed) {

    /** Counts of a queue in which nothing ever expired and that nothing was taken out of. */
    public QueueCounts(
            long ready, long scheduled, long active, long dead, long accepted, long succeeded, long cancelled) {
        this(ready, scheduled, active, dead, accepted, succeeded, cancelled, 0, 0);
    }
}
