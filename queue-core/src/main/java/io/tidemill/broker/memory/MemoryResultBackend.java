package io.tidemill.broker.memory;

import io.tidemill.task.BrokerException;
import io.tidemill.broker.ResultBackend;
import io.tidemill.time.Clock;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Keeps results in this process.
 *
 * <p>Thread-safe. Futures are complete when they are returned.
 */
public final class MemoryResultBackend implements ResultBackend {

    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    /** By queue and id; a slash is in no name, so no two pairs make the same key. */
    private final ExpiringMap<String, byte[]> results = new ExpiringMap<>();

    private volatile boolean closed;

    /** An empty backend on the machine's clock. */
    public MemoryResultBackend() {
        this(Clock.system());
    }

    /** An empty backend on this clock: its wall time says when a result is forgotten. */
    public MemoryResultBackend(Clock clock) {
        this.clock = clock;
    }

    @Override
    public void open() {
        if (closed) {
            throw refusal();
        }
    }

    @Override
    public CompletableFuture<Void> store(String queue, String id, byte[] result, long ttlMillis) {
        return locked(() -> {
            results.put(queue + "/" + id, result, clock.millis(), ttlMillis);
            return CompletableFuture.completedFuture(null);
        });
    }

    @Override
    public CompletableFuture<Optional<byte[]>> find(String queue, String id) {
        return locked(() ->
                CompletableFuture.completedFuture(Optional.ofNullable(results.find(queue + "/" + id, clock.millis()))));
    }

    @Override
    public void close() {
        closed = true;
    }

    private <V> CompletableFuture<V> locked(Supplier<CompletableFuture<V>> work) {
        if (closed) {
            return CompletableFuture.failedFuture(refusal());
        }
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    private static BrokerException refusal() {
        return new BrokerException(
                BrokerException.Outcome.REFUSED, "the in-memory result backend is closed; make a new one", null);
    }
}
