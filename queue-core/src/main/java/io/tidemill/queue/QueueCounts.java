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
 * @param kept succeeded and kept; those that were deleted or forgotten since count as succeeded only
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
        long removed,
        long kept) {

    /** Counts of a queue in which nothing ever expired and that nothing was taken out of. */
    public QueueCounts(
            long ready, long scheduled, long active, long dead, long accepted, long succeeded, long cancelled) {
        this(ready, scheduled, active, dead, accepted, succeeded, cancelled, 0, 0);
    }

    /** Counts of a queue that keeps no jobs that succeeded. */
    public QueueCounts(
            long ready,
            long scheduled,
            long active,
            long dead,
            long accepted,
            long succeeded,
            long cancelled,
            long expired,
            long removed) {
        this(ready, scheduled, active, dead, accepted, succeeded, cancelled, expired, removed, 0);
    }
}
