package io.tidemill.worker;

import io.tidemill.broker.Broker;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.CompleteReply;
import io.tidemill.broker.Completion;
import io.tidemill.test.DelegatingBroker;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * Answers from a thread of its own, and not before every thread that has something to run had its turn: as a network
 * does, but without depending on its speed.
 */
final class AnsweringLater extends DelegatingBroker {

    /** As many turns as it takes for jobs that end at once to end, on one processor. */
    private static final int TURNS = 200;

    private final ExecutorService network = Executors.newSingleThreadExecutor();

    AnsweringLater(Broker broker) {
        super(broker);
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
            for (int i = 0; i < TURNS; i++) {
                Thread.yield();
            }
            reply.complete(call.get().join());
        });
        return reply;
    }
}
