package io.tidemill.examples.ecoeaze.dashboard;

import io.tidemill.queue.QueueCounts;

/**
 * Jobs of a queue.
 *
 * @param waiting may run now
 * @param delayed run later, or are tried again later
 * @param active are running
 * @param succeeded have ended well, ever
 * @param dead were given up and are kept
 */
public record QueueFigures(long waiting, long delayed, long active, long succeeded, long dead) {

    static QueueFigures of(QueueCounts counts) {
        return new QueueFigures(counts.ready(), counts.scheduled(), counts.active(), counts.succeeded(), counts.dead());
    }
}
