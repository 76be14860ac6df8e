package io.tidemill.redis;

import io.lettuce.core.api.StatefulConnection;
import io.tidemill.async.Safely;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One connection and its successors. Lettuce makes a connection that broke again; a connector sees to the rest: that a
 * first attempt that failed is tried again when next asked, and that a connection which has become silent without
 * breaking (a firewall that forgot it) is replaced after {@value #MAX_SILENT} answers in a row that never came.
 *
 * <p>Thread-safe.
 */
final class Connector<C extends StatefulConnection<byte[], byte[]>> {

    private static final int MAX_SILENT = 3;

    private final Supplier<CompletionStage<C>> connect;
    private final AtomicReference<@Nullable CompletableFuture<C>> current = new AtomicReference<>();
    private final AtomicInteger silent = new AtomicInteger();

    Connector(Supplier<CompletionStage<C>> connect) {
        this.connect = connect;
    }

    /** The connection; made if there is none. */
    CompletableFuture<C> connection() {
        while (true) {
            CompletableFuture<C> existing = current.get();
            if (existing != null && !existing.isCompletedExceptionally()) {
                return existing;
            }
            Safely.reserveStackToUndo();
            CompletableFuture<C> fresh = new CompletableFuture<>();
            if (current.compareAndSet(existing, fresh)) {
                try {
                    connect().whenComplete((connection, failure) -> {
                        if (failure != null) {
                            fresh.completeExceptionally(failure);
                        } else {
                            fresh.complete(connection);
                        }
                    });
                } catch (Throwable t) {
                    // Otherwise all requests would wait for a connection that is never made.
                    fresh.completeExceptionally(t);
                }
                return fresh;
            }
        }
    }

    /** Whether there is a connection, as far as is known. Makes none. */
    boolean isConnected() {
        CompletableFuture<C> existing = current.get();
        return existing != null
                && existing.isDone()
                && !existing.isCompletedExceptionally()
                && existing.join().isOpen();
    }

    /** An answer came, good or bad. */
    void sawReply() {
        if (silent.get() != 0) {
            silent.set(0);
        }
    }

    /** An answer did not come in time. */
    void sawTimeout() {
        if (silent.incrementAndGet() % MAX_SILENT == 0) {
            replace();
        }
    }

    private void replace() {
        CompletableFuture<C> old = current.get();
        if (old == null || !old.isDone() || old.isCompletedExceptionally()) {
            return;
        }
        connect().whenComplete((connection, failure) -> {
            if (failure != null) {
                return;
            }
            if (current.compareAndSet(old, CompletableFuture.completedFuture(connection))) {
                old.join().closeAsync();
            } else {
                connection.closeAsync();
            }
        });
    }

    private CompletionStage<C> connect() {
        try {
            return connect.get();
        } catch (Throwable t) {
            return CompletableFuture.failedStage(t);
        }
    }
}
