package io.tidemill.batch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Turns single requests into batches without a timer. A request that comes while no call is in flight goes out at once,
 * on the caller's thread; requests that come meanwhile wait and go out together as soon as the call returns. So a lone
 * request pays nothing, and under load batches form by themselves.
 *
 * <p>Requests leave in the order in which they came. With one call in flight, which is the default, a batch is never
 * sent before the one ahead of it was answered. Where more are allowed, another goes out beside those in flight only
 * when it is full: a half-empty one would cost more than it gains.
 *
 * <p>The buffer is bounded, by number and by weight: {@link #offer} waits for room. Weight is in bytes wherever
 * requests have a size.
 *
 * <p>Thread-safe. Replies are handed out on the given executor, or on the caller's thread when the call is answered
 * before it returns; the next call does not wait for that.
 *
 * @param <T> a request
 * @param <R> its reply
 */
public final class Coalescer<T, R> {

    private record Entry<T, R>(T request, long sendByNanos, CompletableFuture<R> reply) {}

    /**
     * How much goes where.
     *
     * @param batch most requests in one call, at least 1
     * @param batchWeight most weight in one call; a single heavier request still goes, alone
     * @param waiting most requests that wait for the call in flight, at least 1
     * @param waitingWeight most weight that waits; a single heavier request still gets in when nothing waits
     * @param patienceNanos how long a request may wait to be sent; one that has waited longer when its turn comes is
     *     not sent any more and fails with a {@link TimeoutException}
     * @param inFlight most calls in flight, at least 1
     */
    public record Limits(
            int batch, long batchWeight, int waiting, long waitingWeight, long patienceNanos, int inFlight) {

        /** Checks the ranges. */
        public Limits {
            if (batch < 1 || waiting < 1 || inFlight < 1 || batchWeight < 0 || waitingWeight < 0 || patienceNanos < 0) {
                throw new IllegalArgumentException("limits must be at least 1, weights at least 0");
            }
        }

        /** One call in flight. */
        public Limits(int batch, long batchWeight, int waiting, long waitingWeight, long patienceNanos) {
            this(batch, batchWeight, waiting, waitingWeight, patienceNanos, 1);
        }
    }

    private final Limits limits;
    private final ToIntFunction<T> weigher;
    private final LongSupplier nanos;
    private final Executor executor;
    private final Function<List<T>, CompletableFuture<List<R>>> call;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Entry<T, R>> waiting = new ArrayDeque<>();
    private long waitingWeight;
    private int inFlight;
    private boolean isSending;

    /**
     * A coalescer with nothing in flight.
     *
     * @param limits how much goes where
     * @param weigher the weight of a request
     * @param nanos monotonic time
     * @param executor where replies are handed out
     * @param call sends a batch; answers with one reply per request, in the same order. It must not block
     */
    public Coalescer(
            Limits limits,
            ToIntFunction<T> weigher,
            LongSupplier nanos,
            Executor executor,
            Function<List<T>, CompletableFuture<List<R>>> call) {
        this.limits = limits;
        this.weigher = weigher;
        this.nanos = nanos;
        this.executor = executor;
        this.call = call;
    }

    /** A coalescer of weightless requests, whose replies are handed out on the thread that completes the call. */
    public Coalescer(int maxBatch, int maxWaiting, Function<List<T>, CompletableFuture<List<R>>> call) {
        this(new Limits(maxBatch, 0, maxWaiting, 0, Long.MAX_VALUE), request -> 0, () -> 0, Runnable::run, call);
    }

    /**
     * Hands in a request, waiting for room while the buffer is full.
     *
     * @param timeoutNanos the longest wait for room
     * @return the reply to come, or null if there was no room in time
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    public @Nullable CompletableFuture<R> offer(T request, long timeoutNanos) throws InterruptedException {
        Entry<T, R> entry = entry(request);
        lock.lockInterruptibly();
        try {
            long rest = timeoutNanos;
            int weight = weigher.applyAsInt(request);
            while (!hasRoomFor(weight)) {
                if (rest <= 0) {
                    return null;
                }
                rest = changed.awaitNanos(rest);
            }
            add(entry, weight);
        } finally {
            lock.unlock();
        }
        sendNext();
        return entry.reply();
    }

    /** Hands in a request whatever the buffer holds: for callers that are bounded by something else. */
    public CompletableFuture<R> submit(T request) {
        Entry<T, R> entry = entry(request);
        lock.lock();
        try {
            add(entry, weigher.applyAsInt(request));
        } finally {
            lock.unlock();
        }
        sendNext();
        return entry.reply();
    }

    private Entry<T, R> entry(T request) {
        long patience = limits.patienceNanos();
        return new Entry<>(
                request,
                patience == Long.MAX_VALUE ? Long.MAX_VALUE : nanos.getAsLong() + patience,
                new CompletableFuture<>());
    }

    private boolean isTooLate(Entry<T, R> entry) {
        return entry.sendByNanos() != Long.MAX_VALUE && entry.sendByNanos() - nanos.getAsLong() < 0;
    }

    private boolean hasRoomFor(int weight) {
        return waiting.isEmpty()
                || (waiting.size() < limits.waiting() && waitingWeight + weight <= limits.waitingWeight());
    }

    private void add(Entry<T, R> entry, int weight) {
        waiting.add(entry);
        waitingWeight += weight;
    }

    /** Whether nothing waits and nothing is in flight. */
    public boolean isIdle() {
        lock.lock();
        try {
            return inFlight == 0 && waiting.isEmpty();
        } finally {
            lock.unlock();
        }
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
            while (inFlight > 0 || !waiting.isEmpty()) {
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
     * Sends while there is something to send and a call is free. One thread at a time is in here: whoever comes
     * meanwhile, perhaps from a reply that is being handed out further up the same stack, leaves its request for the
     * loop. So a call that is answered before it returns, as by the in-memory broker, goes no level deeper for each
     * batch.
     */
    private void sendNext() {
        if (beginSending()) {
            sendAll();
        }
    }

    private void sendAll() {
        for (List<Entry<T, R>> next = nextBatch(); next != null; next = nextBatch()) {
            List<Entry<T, R>> batch = next;
            CompletableFuture<List<R>> replies = send(batch);
            if (replies.isDone()) {
                landed();
                handOut(batch, replies);
            } else {
                replies.whenComplete((list, failure) -> {
                    // What is handed in while replies are handed out goes together.
                    boolean isSender = landed();
                    handOutElsewhere(batch, replies);
                    if (isSender) {
                        sendAll();
                    }
                });
            }
        }
    }

    private boolean beginSending() {
        lock.lock();
        try {
            if (isSending || inFlight == limits.inFlight()) {
                return false;
            }
            isSending = true;
            return true;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable List<Entry<T, R>> nextBatch() {
        List<Entry<T, R>> late = takeLate();
        if (!late.isEmpty()) {
            CompletableFuture<List<R>> tooLate = CompletableFuture.failedFuture(
                    new TimeoutException("waited longer to be sent than it may, while nothing was answered"));
            handOutElsewhere(late, tooLate);
        }
        return takeBatch();
    }

    /** Requests that have waited longer than they may; they stand in front, as they came in order. */
    private List<Entry<T, R>> takeLate() {
        lock.lock();
        try {
            List<Entry<T, R>> late = new ArrayList<>();
            while (!waiting.isEmpty() && isTooLate(waiting.element())) {
                Entry<T, R> entry = waiting.remove();
                waitingWeight -= weigher.applyAsInt(entry.request());
                late.add(entry);
            }
            return late;
        } finally {
            lock.unlock();
        }
    }

    /** The next batch, now in flight; null if none is to go out now, and then the sending has ended. */
    private @Nullable List<Entry<T, R>> takeBatch() {
        lock.lock();
        try {
            if (!maySend()) {
                isSending = false;
                return null;
            }
            inFlight++;
            List<Entry<T, R>> batch = new ArrayList<>(Math.min(limits.batch(), waiting.size()));
            long weight = 0;
            while (batch.size() < limits.batch() && !waiting.isEmpty()) {
                int next = weigher.applyAsInt(waiting.element().request());
                if (!batch.isEmpty() && weight + next > limits.batchWeight()) {
                    break;
                }
                batch.add(waiting.remove());
                weight += next;
            }
            waitingWeight -= weight;
            changed.signalAll();
            return batch;
        } finally {
            lock.unlock();
        }
    }

    private boolean maySend() {
        int needed = inFlight == 0 ? 1 : limits.batch();
        return inFlight < limits.inFlight() && waiting.size() >= needed;
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

    /** A call was answered. Returns whether the thread that says so goes on sending, or another is at it already. */
    private boolean landed() {
        lock.lock();
        try {
            inFlight--;
            changed.signalAll();
            boolean isSender = !isSending;
            isSending = true;
            return isSender;
        } finally {
            lock.unlock();
        }
    }

    /** On this thread if the executor is shut down by now or has no thread: callers must not wait for ever. */
    private void handOutElsewhere(List<Entry<T, R>> batch, CompletableFuture<List<R>> replies) {
        try {
            executor.execute(() -> handOut(batch, replies));
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            handOut(batch, replies);
        }
    }

    private void handOut(List<Entry<T, R>> batch, CompletableFuture<List<R>> replies) {
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
    }
}
