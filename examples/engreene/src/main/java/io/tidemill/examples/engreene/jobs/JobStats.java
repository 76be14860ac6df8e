package io.tidemill.examples.engreene.jobs;

import io.tidemill.queue.QueueCounts;

/**
 * How many jobs there are.
 *
 * @param waiting may run now
 * @param delayed wait for their time, or for another try
 * @param active run now
 * @param blocked wait for other steps of their workflow
 * @param failed were given up, and are kept
 * @param completed have ever succeeded
 * @param added were ever added
 */
public record JobStats(long waiting, long delayed, long active, long blocked, long failed, long completed, long added) {

    static JobStats of(QueueCounts counts) {
        return new JobStats(
                counts.ready(),
                counts.scheduled(),
                counts.active(),
                counts.waiting(),
                counts.dead(),
                counts.succeeded(),
                counts.accepted());
    }
}
