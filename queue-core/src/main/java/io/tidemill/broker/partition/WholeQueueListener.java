package io.tidemill.broker.partition;

import io.tidemill.broker.BrokerListener;
import io.tidemill.broker.ClaimOffer;
import org.jspecify.annotations.Nullable;

/** Listens to partitions and passes on to who listens to the queues. Thread-safe. */
final class WholeQueueListener implements BrokerListener {

    private final BrokerListener listener;
    private final Partitions partitions;
    private final PartitionedClaims claims;

    WholeQueueListener(BrokerListener listener, Partitions partitions, PartitionedClaims claims) {
        this.listener = listener;
        this.partitions = partitions;
        this.claims = claims;
    }

    @Override
    public void ready(String part) {
        listener.ready(partitions.queueOf(part));
    }

    @Override
    public void finished(String part, String id) {
        listener.finished(partitions.queueOf(part), id);
    }

    @Override
    public void cancelRequested(String part, String id) {
        listener.cancelRequested(partitions.queueOf(part), id);
    }

    @Override
    public void commanded(String part) {
        listener.commanded(partitions.queueOf(part));
    }

    @Override
    public @Nullable ClaimOffer offer(String part, int jobs) {
        String queue = partitions.queueOf(part);
        ClaimOffer offer = listener.offer(queue, jobs);
        if (offer == null || !partitions.isSplit(queue)) {
            return offer;
        }
        int index = partitions.of(queue).indexOf(part);
        return new ClaimOffer(offer.request(), offer.endsWaiting(), (reply, failure) -> {
            if (failure != null) {
                claims.notAnswered(offer.request().token(), index, failure);
            }
            offer.answer(reply == null ? null : PartitionedClaims.marked(reply, index), failure);
        });
    }
}
