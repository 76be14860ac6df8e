package io.tidemill.broker.partition;

import io.tidemill.broker.ProgressStore;
import io.tidemill.broker.Report;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Keeps how far a job has got in the partition that has the job. */
record PartitionedProgress(ProgressStore progress, Partitions partitions) implements ProgressStore {

    @Override
    public CompletableFuture<Boolean> report(String queue, Report report) {
        List<String> parts = partitions.of(queue);
        return parts.size() == 1
                ? progress.report(queue, report)
                : progress.report(
                        parts.get(Partitions.partOf(report.token())), report.under(Partitions.token(report.token())));
    }

    @Override
    public CompletableFuture<Optional<byte[]>> progress(String queue, String id) {
        return PartitionRequests.firstOf(
                partitions.of(queue), part -> progress.progress(part, id), Optional::isPresent, Optional.empty());
    }
}
