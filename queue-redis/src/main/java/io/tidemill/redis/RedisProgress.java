package io.tidemill.redis;

import io.tidemill.broker.ProgressStore;
import io.tidemill.broker.Report;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Keeps how far jobs have got. */
record RedisProgress(Function<String, RedisQueue> queues) implements ProgressStore {

    @Override
    public CompletableFuture<Boolean> report(String queue, Report report) {
        return RedisQueue.orFailed(() -> queues.apply(queue).notes().report(report));
    }

    @Override
    public CompletableFuture<Optional<byte[]>> progress(String queue, String id) {
        return RedisQueue.orFailed(() -> queues.apply(queue).notes().progress(id));
    }
}
