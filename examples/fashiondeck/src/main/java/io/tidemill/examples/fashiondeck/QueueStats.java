package io.tidemill.examples.fashiondeck;

import io.tidemill.admin.QueueAdmin;
import io.tidemill.queue.QueueCounts;

/**
 * How many jobs a queue holds.
 *
 * @param waiting ready, delayed, or waiting for another try
 * @param active running
 * @param completed succeeded, and kept by the queue's setting
 * @param failed given up, and kept
 */
public record QueueStats(long waiting, long active, long completed, long failed) {

    /** Asks the broker. */
    public static QueueStats of(QueueAdmin admin, String queue) {
        QueueCounts counts = admin.counts(queue);
        return new QueueStats(counts.ready() + counts.scheduled(), counts.active(), counts.kept(), counts.dead());
    }
}
