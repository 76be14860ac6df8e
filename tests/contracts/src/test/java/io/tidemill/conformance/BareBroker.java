package io.tidemill.conformance;

import io.tidemill.broker.Ability;
import io.tidemill.broker.Broker;
import io.tidemill.broker.BrokerListener;
import io.tidemill.broker.ClaimOffer;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.CompleteReply;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.Subscription;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** The core of the port and nothing else, as a broker of messages has it: a claimed job stays its worker's. */
public final class BareBroker implements Broker {

    private static final long FOR_EVER = Duration.ofDays(3650).toMillis();

    private final Broker broker;

    /** Over a broker that can do more. */
    public BareBroker(Broker broker) {
        this.broker = broker;
    }

    @Override
    public Set<Ability> abilities() {
        return Set.of();
    }

    @Override
    public void open() {
        broker.open();
    }

    @Override
    public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
        jobs.forEach(job -> job.constraints().needs().forEach(this::require));
        return broker.enqueue(queue, jobs);
    }

    @Override
    public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest request) {
        return broker.claim(queue, unending(request));
    }

    @Override
    public CompletableFuture<CompleteReply> complete(
            String queue, List<Completion.Succeeded> succeeded, ClaimRequest next) {
        return broker.complete(queue, succeeded, next == null ? null : unending(next));
    }

    private static ClaimRequest unending(ClaimRequest request) {
        return new ClaimRequest(request.worker(), request.token(), request.limit(), FOR_EVER);
    }

    @Override
    public CompletableFuture<List<CompletionReply>> fail(String queue, List<Completion.Failed> failed) {
        return broker.fail(queue, failed);
    }

    @Override
    public CompletableFuture<List<CompletionReply>> release(String queue, List<Completion.Release> releases) {
        return broker.release(queue, releases);
    }

    @Override
    public Subscription listen(String worker, Set<String> queues, BrokerListener listener) {
        return broker.listen(worker, queues, new BrokerListener() {
            @Override
            public void ready(String queue) {
                listener.ready(queue);
            }

            @Override
            public void finished(String queue, String id) {}

            @Override
            public void cancelRequested(String queue, String id) {}

            @Override
            public ClaimOffer offer(String queue, int jobs) {
                return null;
            }
        });
    }

    @Override
    public void close() {
        broker.close();
    }
}
