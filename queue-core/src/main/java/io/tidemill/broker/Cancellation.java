package io.tidemill.broker;

import io.tidemill.queue.CancelReply;
import java.util.concurrent.CompletableFuture;

/**
 * Cancels jobs of a broker that has {@link Ability#CANCEL}. Everything said of {@link Broker} holds here, too.
 *
 * <p>Thread-safe.
 */
public interface Cancellation {

    /** Cancels a job that has not started, or asks the worker that runs it to interrupt it. */
    CompletableFuture<CancelReply> cancel(String queue, String id);
}
