package io.tidemill.broker;

import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A worker's offer to run jobs that are just being stored: a claim that the broker may make in the same step, which
 * saves a request of the worker.
 *
 * <p>The broker answers it once, with what it claimed, {@link ClaimReply#EMPTY} for nothing, or with a failure if it
 * does not know; the worker then asks again with the same token.
 *
 * @param request what the worker would claim; its limit is at most the number of jobs
 * @param endsWaiting whether the worker waits for no more jobs, of any queue, if it gets all that it asks for
 * @param answered takes the answer: a reply, or null and what went wrong. Must not block
 */
public record ClaimOffer(
        ClaimRequest request, boolean endsWaiting, BiConsumer<@Nullable ClaimReply, @Nullable Throwable> answered) {

    /** Answers it. */
    public void answer(@Nullable ClaimReply reply, @Nullable Throwable failure) {
        answered.accept(reply, failure);
    }
}
