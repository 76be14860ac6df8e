package io.tidemill.batch;

import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A request that waits, in a chain: so that neither to add nor to take one allocates and fails half way. */
final class Entry<T, R> {

    /** The time of a request that may wait for ever. */
    static final long NEVER = Long.MAX_VALUE;

    final T request;
    final int weight;
    /** On the monotonic clock. */
    final long sendByNanos;

    final CompletableFuture<R> reply = new CompletableFuture<>();

    @Nullable
    Entry<T, R> next;

    Entry(T request, int weight, long sendByNanos) {
        this.request = request;
        this.weight = weight;
        this.sendByNanos = sendByNanos;
    }

    boolean isTooLate(LongSupplier nanos) {
        return sendByNanos != NEVER && sendByNanos - nanos.getAsLong() < 0;
    }
}
