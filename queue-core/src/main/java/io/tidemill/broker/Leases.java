package io.tidemill.broker;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Extends the leases of a broker that has {@link Ability#LEASES}. Everything said of {@link Broker} holds here, too.
 *
 * <p>Thread-safe.
 */
public interface Leases {

    /**
     * Makes leases last from now on as long as said. Never shortens one.
     *
     * @param tokens 1 to {@value Broker#MAX_BATCH}
     * @return one reply per token, in the same order
     */
    CompletableFuture<List<ExtendReply>> extend(String queue, List<String> tokens, long leaseMillis);
}
