package io.tidemill.broker;

import org.jspecify.annotations.Nullable;

/**
 * Gets hints of what happened at the broker, in this process or another. A hint may come twice, late or not at all.
 * Whoever listens also looks by himself from time to time.
 *
 * <p>Called on the broker's own threads: return at once and never block.
 */
public interface BrokerListener {

    /** A queue may have something to claim. */
    void ready(String queue);

    /** A job that was asked about with {@code notify} has ended. */
    void finished(String queue, String id);

    /** A running job may have been asked to be cancelled; {@link Leases#extend} says whether it was. */
    void cancelRequested(String queue, String id);

    /** A command may wait for this worker in this queue: {@link CommandStore#obey}. */
    default void commanded(String queue) {}

    /**
     * Plain jobs are about to be stored by this process, and may be handed to this worker on the way. A broker need not
     * ask; one that asks answers the offer.
     *
     * @param jobs how many
     * @return what the worker would take; null, the default, for nothing
     */
    default @Nullable ClaimOffer offer(String queue, int jobs) {
        return null;
    }
}
