package io.tidemill.broker;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@link Broker#complete} brought.
 *
 * @param settled one reply per completion, in the same order
 * @param claimed what the claim in the same call brought; null if it carried none, or if that part was not answered
 */
public record CompleteReply(
        List<CompletionReply> settled, @Nullable ClaimReply claimed) {}
