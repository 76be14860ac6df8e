package io.tidemill.admin;

import io.tidemill.broker.WorkerSnapshot;
import io.tidemill.record.WorkerRecord;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * A worker as an operator sees it.
 *
 * <p>Immutable. Made by {@link QueueAdmin}.
 */
public final class WorkerInfo {

    private final WorkerSnapshot worker;
    private final WorkerRecord record;
    private final List<String> active;

    private WorkerInfo(WorkerSnapshot worker, List<String> active) {
        this.worker = worker;
        this.record = WorkerRecord.decode(worker.info());
        this.active = active;
    }

    static WorkerInfo of(WorkerSnapshot worker, List<String> active) {
        return new WorkerInfo(worker, active);
    }

    /** Its id, made anew at each start. */
    public String id() {
        return worker.worker();
    }

    /** The machine it runs on. */
    public String host() {
        return record.host();
    }

    /** The process it runs in. */
    public long pid() {
        return record.pid();
    }

    /** The version of Tidemill that it runs; "?" if it does not say. */
    public String version() {
        return record.version();
    }

    /** When it started, by its own clock. */
    public Instant started() {
        return Instant.ofEpochMilli(record.startedMillis());
    }

    /** When it last registered, by the broker's clock; it does so every 10 s. */
    public Instant lastSeen() {
        return Instant.ofEpochMilli(worker.seenMillis());
    }

    /** Whether it claims no jobs, as {@link RemoteWorker#quiet} asks. */
    public boolean isQuiet() {
        return record.quiet();
    }

    /** How many jobs it runs at once. */
    public int concurrency() {
        return record.concurrency();
    }

    /** How many jobs it held when it last registered, running or about to, in all of its queues. */
    public int running() {
        return record.running();
    }

    /** How many of its runs ended per minute, however they did, in the 10 s or more before it last counted them. */
    public double endedPerMinute() {
        return record.endedPerMinute();
    }

    /** The queues that it serves. */
    public Set<String> queues() {
        return record.queues();
    }

    /** The tasks that it knows. */
    public Set<String> tasks() {
        return record.tasks();
    }

    /** The jobs of the queue that it holds, as far as they are under the 1,000 leases that end first. */
    public List<String> active() {
        return active;
    }

    @Override
    public String toString() {
        return "WorkerInfo[id=" + id() + ", host=" + host() + ", pid=" + pid() + ", version=" + version()
                + ", lastSeen=" + lastSeen()
                + ", quiet=" + isQuiet() + ", concurrency=" + concurrency() + ", running=" + running()
                + ", endedPerMinute=" + endedPerMinute()
                + ", queues=" + queues() + ", tasks=" + tasks() + ", active="
                + active
                + "]";
    }
}
