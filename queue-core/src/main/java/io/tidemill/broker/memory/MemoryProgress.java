package io.tidemill.broker.memory;

import io.tidemill.broker.ProgressStore;
import io.tidemill.broker.Report;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Keeps how far jobs have got. */
record MemoryProgress(MemoryBroker broker) implements ProgressStore {

    @Override
    public CompletableFuture<Boolean> report(String queue, Report report) {
        return broker.hop(queue, it -> it.completions.report(report));
    }

    @Override
    public CompletableFuture<Optional<byte[]>> progress(String queue, String id) {
        return broker.hop(queue, it -> it.completions.progress(id));
    }
}
