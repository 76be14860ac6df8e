package io.tidemill.broker.partition;

import io.tidemill.broker.Broker;
import io.tidemill.broker.JobScan;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.Lists;
import io.tidemill.queue.QueueCounts;
import io.tidemill.task.JobState;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The jobs of all partitions, partition by partition. Thread-safe. */
final class PartitionedLists implements Lists {

    private final Broker broker;
    private final Partitions partitions;

    PartitionedLists(Broker broker, Partitions partitions) {
        this.broker = broker;
        this.partitions = partitions;
    }

    @Override
    public CompletableFuture<QueueCounts> counts(String queue) {
        return PartitionRequests.all(partitions.of(queue).stream()
                        .map(broker.lists()::counts)
                        .toList())
                .thenApply(all -> all.stream().reduce(QueueCounts::plus).orElseThrow());
    }

    @Override
    public CompletableFuture<List<JobSnapshot>> list(String queue, JobState state, int offset, int limit) {
        List<String> parts = partitions.of(queue);
        return parts.size() == 1
                ? broker.lists().list(queue, state, offset, limit)
                : list(parts, 0, state, offset, limit, new ArrayList<>());
    }

    @Override
    public CompletableFuture<List<JobSnapshot>> next(String queue, int limit) {
        return PartitionRequests.all(partitions.of(queue).stream()
                        .map(part -> broker.lists().next(part, limit))
                        .toList())
                .thenApply(all -> all.stream().flatMap(List::stream).toList());
    }

    /** Partition by partition. If one begins anew, so does the whole: nobody knows which jobs came from which. */
    @Override
    public CompletableFuture<JobScan> scan(String queue, @Nullable String from, int limit) {
        List<String> parts = partitions.of(queue);
        int part = from == null ? 0 : Integer.parseInt(from.substring(0, from.indexOf(':')));
        String within = from == null ? "" : from.substring(from.indexOf(':') + 1);
        return broker.lists()
                .scan(parts.get(part), within.isEmpty() ? null : within, limit)
                .thenCompose(step -> {
                    if (step.isAnew() && !within.isEmpty() && part > 0) {
                        return scan(queue, null, limit);
                    }
                    String next = step.next() != null ? part + ":" + step.next() : (part + 1) + ":";
                    boolean isLast = step.next() == null && part + 1 == parts.size();
                    return CompletableFuture.completedFuture(
                            new JobScan(step.jobs(), isLast ? null : next, step.isAnew() && part == 0));
                });
    }

    /** Partition by partition, each in its order. */
    private CompletableFuture<List<JobSnapshot>> list(
            List<String> parts, int part, JobState state, int offset, int limit, List<JobSnapshot> found) {
        int left = limit - found.size();
        if (part == parts.size() || left == 0) {
            return CompletableFuture.completedFuture(found);
        }
        return broker.lists().counts(parts.get(part)).thenCompose(counts -> {
            int size = (int) Math.min(Integer.MAX_VALUE, PartitionRequests.inState(counts, state));
            if (offset >= size) {
                return list(parts, part + 1, state, offset - size, limit, found);
            }
            return broker.lists().list(parts.get(part), state, offset, left).thenCompose(page -> {
                found.addAll(page);
                return list(parts, part + 1, state, 0, limit, found);
            });
        });
    }
}
