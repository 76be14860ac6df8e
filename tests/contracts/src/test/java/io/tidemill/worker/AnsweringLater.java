package io.tidemill.worker;

import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.CompleteReply;
import io.tidemill.broker.Completion;
import io.tidemill.conformance.DelegatingBroker;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * Answers from a thread of its own, and not before all jobs that were begun have ended: as a slow network does, but
 * without depending on anybody's speed.
 */
final class AnsweringLater extends DelegatingBroker {

    private final WorkerHarness engine;
    private final ExecutorService network = Executors.newSingleThreadExecutor();

    AnsweringLater(WorkerHarness engine) {
        super(engine.broker);
        this.engine = engine;
    }

    @Override
    public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest request) {
        return later(() -> super.claim(queue, request));
    }

    @Override
    public CompletableFuture<CompleteReply> complete(
            String queue, List<Completion.Succeeded> succeeded, ClaimRequest next) {
        return later(() -> super.complete(queue, succeeded, next));
    }

    void stop() {
        network.shutdown();
    }

    private <T> CompletableFuture<T> later(Supplier<CompletableFuture<T>> call) {
        CompletableFuture<T> reply = new CompletableFuture<>();
        network.execute(() -> {
            engine.awaitThreads();
            reply.complete(call.get().join());
        });
        return reply;
    }
}
