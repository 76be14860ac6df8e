package io.tidemill.admin;

import io.tidemill.broker.WorkerSnapshot;
import io.tidemill.record.WorkerRecord;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * A worker as an operator sees it.
 *
 * @param id its id, made anew at each start
 * @param host the machine it runs on
 * @param pid the process it runs in
 * @param started when it started, by its own clock
 * @param lastSeen when it last told that it is there, by the broker's clock; it does so every 10 s
 * @param concurrency how many jobs it runs at once
 * @param queues the queues that it serves
 * @param tasks the tasks that it knows
 * @param active the jobs of the queue that it holds, as far as they are under the 1,000 leases that end first
 */
public record WorkerInfo(
        String id,
        String host,
        long pid,
        Instant started,
        Instant lastSeen,
        int concurrency,
        Set<String> queues,
        Set<String> tasks,
        List<String> active) {

    static WorkerInfo of(WorkerSnapshot worker, List<String> active) {
        WorkerRecord record = WorkerRecord.decode(worker.info());
        return new WorkerInfo(
                worker.worker(),
                record.host(),
                record.pid(),
                Instant.ofEpochMilli(record.startedMillis()),
                Instant.ofEpochMilli(worker.seenMillis()),
                record.concurrency(),
                record.queues(),
                record.tasks(),
                active);
    }
}
