package io.tidemill.batch;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Requests that left the buffer together, on their way to a reply. */
final class Flight<T, R> {

    @Nullable
    Entry<T, R> first;

    int size;
    /** Whether it counts as in flight no longer. Guarded by the coalescer's lock. */
    boolean hasLanded;
    /** What the call gave; null before. Confined to the thread that sends. */
    @Nullable
    CompletableFuture<List<R>> replies;

    List<T> requests() {
        List<T> requests = new ArrayList<>(size);
        for (Entry<T, R> each = first; each != null; each = each.next) {
            requests.add(each.request);
        }
        return requests;
    }

    /** Completes each request: with its reply, or all of them with the failure. */
    void handOut(@Nullable List<R> list, @Nullable Throwable failure) {
        Throwable wrong = failure;
        if (wrong == null && (list == null || list.size() != size)) {
            // Without this the callers would wait for ever.
            wrong = new IllegalStateException("a call with " + size + " requests must bring as many replies, got "
                    + (list == null ? "none" : list.size()));
        }
        int i = 0;
        for (Entry<T, R> each = first; each != null; each = each.next) {
            if (wrong != null || list == null) {
                each.reply.completeExceptionally(Objects.requireNonNull(wrong));
            } else {
                each.reply.complete(list.get(i++));
            }
        }
    }
}
