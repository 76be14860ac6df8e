package io.tidemill.broker.partition;

import io.tidemill.broker.Broker;
import io.tidemill.broker.JobBrief;
import io.tidemill.broker.RecoverReply;
import io.tidemill.broker.Survey;
import io.tidemill.broker.Sweeps;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Time brings something in each partition for itself. Thread-safe. */
final class PartitionedSweeps implements Sweeps {

    private final Broker broker;
    private final Partitions partitions;

    PartitionedSweeps(Broker broker, Partitions partitions) {
        this.broker = broker;
        this.partitions = partitions;
    }

    @Override
    public CompletableFuture<List<Survey>> survey(List<String> queues) {
        List<String> parts =
                queues.stream().flatMap(queue -> partitions.of(queue).stream()).toList();
        List<CompletableFuture<List<Survey>>> asked = new ArrayList<>();
        for (int from = 0; from < parts.size(); from += MAX_SURVEY) {
            asked.add(broker.sweeps().survey(parts.subList(from, Math.min(parts.size(), from + MAX_SURVEY))));
        }
        return PartitionRequests.all(asked).thenApply(slices -> {
            List<Survey> flat = slices.stream().flatMap(List::stream).toList();
            List<Survey> found = new ArrayList<>(queues.size());
            int at = 0;
            for (String queue : queues) {
                int size = partitions.of(queue).size();
                found.add(flat.subList(at, at + size).stream().reduce(Survey.NOTHING, PartitionRequests::either));
                at += size;
            }
            return found;
        });
    }

    @Override
    public CompletableFuture<Integer> promote(String queue, int limit) {
        return PartitionRequests.upTo(
                        partitions.of(queue),
                        limit,
                        (part, most) -> broker.sweeps().promote(part, most),
                        moved -> moved)
                .thenApply(all -> all.stream().mapToInt(Integer::intValue).sum());
    }

    @Override
    public CompletableFuture<RecoverReply> recover(String queue, int limit, int maxLostLeases, byte[] failure) {
        List<CompletableFuture<RecoverReply>> asked = partitions.of(queue).stream()
                .map(part -> broker.sweeps().recover(part, limit, maxLostLeases, failure))
                .toList();
        return PartitionRequests.all(asked).thenApply(replies -> {
            List<JobBrief> recovered = new ArrayList<>();
            List<JobBrief> dead = new ArrayList<>();
            replies.forEach(reply -> {
                recovered.addAll(reply.recovered());
                dead.addAll(reply.dead());
            });
            return new RecoverReply(recovered, dead, replies.stream().anyMatch(RecoverReply::more));
        });
    }

    @Override
    public CompletableFuture<List<JobBrief>> expire(String queue, int limit) {
        return PartitionRequests.upTo(
                        partitions.of(queue),
                        limit,
                        (part, most) -> broker.sweeps().expire(part, most),
                        List::size)
                .thenApply(all -> all.stream().flatMap(List::stream).toList());
    }

    /** Each partition keeps its share of the newest, rounded up. */
    @Override
    public CompletableFuture<Integer> trim(String queue, long keep, long maxAgeMillis, int limit) {
        List<String> parts = partitions.of(queue);
        long each = Partitions.share(keep, parts.size());
        return PartitionRequests.upTo(
                        parts,
                        limit,
                        (part, most) -> broker.sweeps().trim(part, each, maxAgeMillis, most),
                        taken -> taken)
                .thenApply(all -> all.stream().mapToInt(Integer::intValue).sum());
    }

    /** The parts may be on nodes with clocks of their own: that of the one that is furthest ahead. */
    @Override
    public long clockLead(String queue) {
        return partitions.of(queue).stream()
                .mapToLong(part -> broker.sweeps().clockLead(part))
                .max()
                .orElseThrow();
    }
}
