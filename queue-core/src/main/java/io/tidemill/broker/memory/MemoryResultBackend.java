package io.tidemill.broker.memory;

import io.tidemill.async.Safely;
import io.tidemill.broker.JobOutcome;
import io.tidemill.broker.ResultBackend;
import io.tidemill.broker.Subscription;
import io.tidemill.task.BrokerException;
import io.tidemill.task.JobState;
import io.tidemill.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps outcomes in this process, and announces them.
 *
 * <p>Thread-safe. Futures are complete when they are returned.
 */
public final class MemoryResultBackend implements ResultBackend {

    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    /** By queue and id; a slash is in no name of a queue, so no two pairs make the same key. */
    private final ExpiringMap<String, JobOutcome> outcomes = new ExpiringMap<>();

    /** Who listens, by queue. */
    private final Map<String, List<Consumer<String>>> listeners = new ConcurrentHashMap<>();

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
    public CompletableFuture<Void> store(String queue, List<JobOutcome> stored) {
        return store(queue, stored, kept -> true);
    }

    @Override
    public CompletableFuture<Void> storeLate(String queue, List<JobOutcome> stored) {
        return store(queue, stored, kept -> kept == null || kept.state() == JobState.DEAD);
    }

    private CompletableFuture<Void> store(
            String queue, List<JobOutcome> stored, Predicate<@Nullable JobOutcome> mayReplace) {
        return locked(() -> {
                    long now = clock.millis();
                    for (JobOutcome each : stored) {
                        String key = queue + "/" + each.id();
                        if (mayReplace.test(outcomes.find(key, now))) {
                            outcomes.put(key, each, now, each.ttlMillis());
                        }
                    }
                    return CompletableFuture.<Void>completedFuture(null);
                })
                .whenComplete((done, failure) -> {
                    if (failure == null) {
                        stored.forEach(each -> announce(queue, each.id()));
                    }
                });
    }

    private void announce(String queue, String id) {
        for (Consumer<String> listener : listeners.getOrDefault(queue, List.of())) {
            Safely.run("announcing an outcome", () -> listener.accept(id));
        }
    }

    @Override
    public CompletableFuture<Optional<JobOutcome>> find(String queue, String id) {
        return locked(() -> CompletableFuture.completedFuture(
                Optional.ofNullable(outcomes.find(queue + "/" + id, clock.millis()))));
    }

    @Override
    public Subscription listen(String queue, Consumer<String> ended) {
        List<Consumer<String>> ofQueue = listeners.computeIfAbsent(queue, name -> new CopyOnWriteArrayList<>());
        ofQueue.add(ended);
        return () -> ofQueue.remove(ended);
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
