package io.tidemill.broker.memory;

import io.tidemill.broker.JobScan;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.Lists;
import io.tidemill.queue.QueueCounts;
import io.tidemill.task.JobState;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Counts and lists jobs of a {@link MemoryBroker}. Thread-safe. */
final class MemoryLists implements Lists {

    private static final Set<JobState> LISTED = EnumSet.of(
            JobState.READY, JobState.SCHEDULED, JobState.WAITING, JobState.ACTIVE, JobState.DEAD, JobState.SUCCEEDED);

    private final MemoryBroker broker;

    MemoryLists(MemoryBroker broker) {
        this.broker = broker;
    }

    @Override
    public CompletableFuture<QueueCounts> counts(String queue) {
        return broker.hop(queue, it -> it.lookUp.counts());
    }

    @Override
    public CompletableFuture<List<JobSnapshot>> list(String queue, JobState state, int offset, int limit) {
        MemoryBroker.checkBatch("limit", 1, limit);
        if (!LISTED.contains(state) || offset < 0) {
            throw new IllegalArgumentException(
                    "list takes " + LISTED + " and an offset of 0 or more, got " + state + " and " + offset);
        }
        return broker.hop(queue, it -> it.lookUp.list(state, offset, limit));
    }

    @Override
    public CompletableFuture<JobScan> scan(String queue, @Nullable String from, int limit) {
        MemoryBroker.checkBatch("limit", 1, limit);
        return broker.hop(queue, it -> scan(it, from, limit));
    }

    /** Jobs have their share of the walk by their id, so it is the same wherever they are. */
    private static JobScan scan(MemoryQueue queue, @Nullable String from, int limit) {
        String[] words = from == null ? new String[] {"0", "" + (queue.jobs.size() / limit + 1)} : from.split("/", -1);
        int share = Integer.parseInt(words[0]);
        int shares = Integer.parseInt(words[1]);
        List<JobScan.Stored> jobs = queue.jobs.values().stream()
                .filter(job -> !job.state.isFinal() && Math.floorMod(job.id.hashCode(), shares) == share)
                .map(job -> new JobScan.Stored(job.id, job.body))
                .toList();
        return new JobScan(jobs, share + 1 == shares ? null : (share + 1) + "/" + shares, from == null);
    }
}
