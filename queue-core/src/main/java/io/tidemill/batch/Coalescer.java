package io.tidemill.batch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Turns single requests into batches without a timer. One call is in flight at a time. A request that comes while none
 * is goes out at once, on the caller's thread; requests that come meanwhile wait and go out together as soon as the
 * call returns. So a lone request pays nothing, and under load batches form by themselves.
 *
 * <p>Requests leave in the order in which they came, and a batch is never sent before the one ahead of it was answered:
 * whoever receives them can tell a repeated call from a new one by a number alone.
 *
 * <p>The buffer is bounded: {@link #offer} waits for room.
 *
 * <p>Thread-safe. Futures complete on whatever thread completes the call; attach only quick work to them.
 *
 * @param <T> a request
 * @param <R> its reply
 */
public final class Coalescer<T, R> {

    private record Entry<T, R>(T request, CompletableFuture<R> reply) {}

    private final int maxBatch;
    private final int maxWaiting;
    private final Function<List<T>, CompletableFuture<List<R>>> call;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Entry<T, R>> waiting = new ArrayDeque<>();
    private boolean inFlight;

    /**
     * A coalescer with nothing in flight.
     *
     * @param maxBatch most requests in one call, at least 1
     * @param maxWaiting most requests that wait for the call in flight, at least 1
     * @param call sends a batch; answers with one reply per request, in the same order. It must not block
     */
    public Coalescer(int maxBatch, int maxWaiting, Function<List<T>, CompletableFuture<List<R>>> call) {
        if (maxBatch < 1 || maxWaiting < 1) {
            throw new IllegalArgumentException("maxBatch and maxWaiting must be at least 1");
        }
        this.maxBatch = maxBatch;
        this.maxWaiting = maxWaiting;
        this.call = call;
    }

    /**
     * Hands in a request, waiting for room while the buffer is full.
     *
     * @param timeoutNanos the longest wait for room
     * @return the reply to come, or null if there was no room in time
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    public @Nullable CompletableFuture<R> offer(T request, long timeoutNanos) throws InterruptedException {
        Entry<T, R> entry = new Entry<>(request, new CompletableFuture<>());
        lock.lockInterruptibly();
        try {
            long rest = timeoutNanos;
            while (waiting.size() >= maxWaiting) {
                if (rest <= 0) {
                    return null;
                }
                rest = changed.awaitNanos(rest);
            }
            waiting.add(entry);
        } finally {
            lock.unlock();
        }
        sendNext();
        return entry.reply();
    }

    /** Hands in a request whatever the buffer holds: for callers that are bounded by something else. */
    public CompletableFuture<R> submit(T request) {
        Entry<T, R> entry = new Entry<>(request, new CompletableFuture<>());
        lock.lock();
        try {
            waiting.add(entry);
        } finally {
            lock.unlock();
        }
        sendNext();
        return entry.reply();
    }

    /**
     * Waits until nothing waits and nothing is in flight.
     *
     * @return whether it came to that in time
     */
    public boolean awaitIdle(long timeoutNanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long rest = timeoutNanos;
            while (inFlight || !waiting.isEmpty()) {
                if (rest <= 0) {
                    return false;
                }
                rest = changed.awaitNanos(rest);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Sends while there is something to send and nothing in flight. A loop and not a recursion: a call that is answered
     * before it returns, as by the in-memory broker, would otherwise go one level deeper for each batch.
     */
    private void sendNext() {
        while (true) {
            List<Entry<T, R>> batch = takeBatch();
            if (batch == null) {
                return;
            }
            CompletableFuture<List<R>> replies = send(batch);
            if (replies.isDone()) {
                answer(batch, replies);
            } else {
                replies.whenComplete((list, failure) -> {
                    answer(batch, replies);
                    sendNext();
                });
                return;
            }
        }
    }

    private @Nullable List<Entry<T, R>> takeBatch() {
        lock.lock();
        try {
            if (inFlight || waiting.isEmpty()) {
                return null;
            }
            inFlight = true;
            List<Entry<T, R>> batch = new ArrayList<>(Math.min(maxBatch, waiting.size()));
            while (batch.size() < maxBatch && !waiting.isEmpty()) {
                batch.add(waiting.remove());
            }
            changed.signalAll();
            return batch;
        } finally {
            lock.unlock();
        }
    }

    private CompletableFuture<List<R>> send(List<Entry<T, R>> batch) {
        List<T> requests = new ArrayList<>(batch.size());
        for (Entry<T, R> entry : batch) {
            requests.add(entry.request());
        }
        try {
            return Objects.requireNonNull(call.apply(requests), "a call must answer with a future, got null");
        } catch (Throwable t) {
            return CompletableFuture.failedFuture(t);
        }
    }

    /**
     * Completes the replies and only then lets the next call go: a reply that asks for more while it is completed finds
     * a call in flight and waits its turn, instead of going one level deeper.
     */
    private void answer(List<Entry<T, R>> batch, CompletableFuture<List<R>> replies) {
        replies.whenComplete((list, failure) -> {
            if (failure != null) {
                batch.forEach(entry -> entry.reply().completeExceptionally(failure));
            } else if (list == null || list.size() != batch.size()) {
                // Without this the callers would wait for ever.
                IllegalStateException wrong = new IllegalStateException("a call with " + batch.size()
                        + " requests must bring as many replies, got " + (list == null ? "none" : list.size()));
                batch.forEach(entry -> entry.reply().completeExceptionally(wrong));
            } else {
                for (int i = 0; i < batch.size(); i++) {
                    batch.get(i).reply().complete(list.get(i));
                }
            }
        });
        lock.lock();
        try {
            inFlight = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
