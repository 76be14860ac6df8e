package io.tidemill.batch;

import io.tidemill.async.Safely;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
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
 * sent before the one ahead of it was answered, and many requests go in two halves that take turns. Where more are
 * allowed, another goes out beside those in flight only when it is full: a half-empty one would cost more than it
 * gains.
 *
 * <p>The buffer is bounded, by number and by weight: {@link #offer} waits for room. Weight is in bytes wherever
 * requests have a size.
 *
 * <p>However a call ends, with an error of the machine too, its requests get a reply and the next may go out.
 *
 * <p>Thread-safe. Replies are handed out on the given executor, or on the caller's thread when the call is answered
 * before it returns; the next call does not wait for that.
 *
 * @param <T> a request
 * @param <R> its reply
 */
public final class Coalescer<T, R> {

    /** To cut fewer requests in two halves would cost another call and gain nothing. */
    private static final int SMALL_BATCH = 16;

    private final BatchLimits limits;
    private final ToIntFunction<T> weigher;
    private final LongSupplier nanos;
    private final Executor executor;
    private final Function<List<T>, CompletableFuture<List<R>>> call;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** Guarded by the lock, as is all that follows. */
    private final Buffer<T, R> waiting = new Buffer<>();

    private int inFlight;
    /** How many requests the last call had that was answered. */
    private int lastAnswered;

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
            BatchLimits limits,
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
        this(new BatchLimits(maxBatch, 0, maxWaiting, 0, Long.MAX_VALUE), request -> 0, () -> 0, Runnable::run, call);
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
            while (!waiting.hasRoomFor(entry.weight, limits)) {
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
        return entry.reply;
    }

    /**
     * Hands in a request whatever the buffer holds: for callers that are bounded by something else. An error that is
     * thrown says that it was not taken in.
     */
    public CompletableFuture<R> submit(T request) {
        Entry<T, R> entry = entry(request);
        lock.lock();
        try {
            waiting.add(entry);
        } finally {
            lock.unlock();
        }
        sendNext();
        return entry.reply;
    }

    /** From here to the return of {@link #sendNext} nothing may be thrown, so there must be stack for what follows. */
    private Entry<T, R> entry(T request) {
        Safely.reserveStackToUndo();
        long patience = limits.patienceNanos();
        return new Entry<>(
                request,
                weigher.applyAsInt(request),
                patience == Long.MAX_VALUE ? Long.MAX_VALUE : nanos.getAsLong() + patience);
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
     * @return whether that was so in time
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
     * Sends while there is something to send and a call is free. Only one thread at a time sends. A request that comes
     * meanwhile, perhaps from a reply that is handed out further up the same stack, is left for its loop. So the stack
     * does not grow with each batch where calls are answered before they return, as by the in-memory broker.
     *
     * <p>Throws nothing. Does nothing if nothing waits. May be called at any time, to go on after an error that left no
     * memory or stack to begin with.
     */
    public void sendNext() {
        if (beginSending()) {
            sendAll();
        }
    }

    /**
     * Sends until nothing may be sent any more. Called only by the thread that has the right to send. However it ends,
     * that right is given up, and whatever was taken out of the buffer gets a reply.
     */
    private void sendAll() {
        Flight<T, R> flight = null;
        try {
            Safely.reserveStackToSend();
            for (flight = next(); flight != null; flight = next()) {
                send(flight);
            }
        } catch (Throwable t) {
            brokenOff(flight, t);
        }
    }

    private void send(Flight<T, R> flight) {
        CompletableFuture<List<R>> replies = flight.replies;
        if (replies != null) {
            handOutElsewhere(flight, replies);
            return;
        }
        replies = Safely.ask(() -> call.apply(flight.requests()));
        flight.replies = replies;
        if (replies.isDone()) {
            landed(flight);
            handOut(flight, replies);
        } else {
            replies.whenComplete((list, failure) -> answered(flight));
        }
    }

    private void answered(Flight<T, R> flight) {
        // What is handed in while replies are handed out goes together.
        boolean isSender = landed(flight);
        try {
            handOutElsewhere(flight, Objects.requireNonNull(flight.replies));
        } finally {
            if (isSender) {
                sendAll();
            }
        }
    }

    /** The stack or the heap ended under the loop. What waits is sent by another thread, whose stack is not used up. */
    private void brokenOff(@Nullable Flight<T, R> flight, Throwable thrown) {
        lock.lock();
        try {
            isSending = false;
            if (flight != null && !flight.hasLanded) {
                flight.hasLanded = true;
                inFlight--;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (flight != null) {
            CompletableFuture<List<R>> replies = flight.replies;
            Safely.run(
                    "handing out replies",
                    () -> handOutElsewhere(flight, replies != null ? replies : CompletableFuture.failedFuture(thrown)));
        }
        // Else it would fail there in the same way, again and again.
        boolean mayWorkElsewhere = flight != null || thrown instanceof StackOverflowError;
        if (!mayWorkElsewhere || !Safely.execute(executor, "sending what waits", this::sendNext)) {
            failWaiting(thrown);
        }
    }

    /** No thread can send what waits, and perhaps no caller comes for a long time. */
    private void failWaiting(Throwable thrown) {
        Entry<T, R> first;
        lock.lock();
        try {
            if (isSending || inFlight > 0) {
                return;
            }
            first = waiting.takeAll();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        for (Entry<T, R> each = first; each != null; each = each.next) {
            each.reply.completeExceptionally(thrown);
        }
    }

    private boolean beginSending() {
        lock.lock();
        try {
            if (isSending || waiting.isEmpty() || inFlight == limits.inFlight()) {
                return false;
            }
            isSending = true;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** What goes out next; null if nothing may now, and then the sending has ended. */
    private @Nullable Flight<T, R> next() {
        Flight<T, R> flight = new Flight<>();
        lock.lock();
        try {
            if (takeLate(flight) || takeBatch(flight)) {
                return flight;
            }
            isSending = false;
            return null;
        } finally {
            lock.unlock();
        }
    }

    /** Requests that have waited longer than they may; they stand in front, as they came in order. */
    private boolean takeLate(Flight<T, R> flight) {
        if (!waiting.takeLate(flight, nanos)) {
            return false;
        }
        flight.replies = CompletableFuture.failedFuture(
                new TimeoutException("waited longer to be sent than it may, while nothing was answered"));
        flight.hasLanded = true;
        changed.signalAll();
        return true;
    }

    private boolean takeBatch(Flight<T, R> flight) {
        if (!maySend()) {
            return false;
        }
        inFlight++;
        waiting.takeBatch(flight, mostAtOnce(), limits.batchWeight());
        changed.signalAll();
        return true;
    }

    /**
     * With one call in flight, half of what is on its way: what waits and what was answered last, since callers that go
     * on send as much again. Without this a first request goes alone, all others go behind it, and so on for ever; then
     * the callers wait for the broker and the broker waits for the callers.
     */
    private int mostAtOnce() {
        if (limits.inFlight() > 1) {
            return limits.batch();
        }
        int half = (lastAnswered + waiting.size() + 1) / 2;
        return Math.min(limits.batch(), Math.max(SMALL_BATCH, half));
    }

    private boolean maySend() {
        int needed = inFlight == 0 ? 1 : limits.batch();
        return inFlight < limits.inFlight() && waiting.size() >= needed;
    }

    /** A call was answered. Returns whether the thread that says so goes on sending, or another is at it already. */
    private boolean landed(Flight<T, R> flight) {
        lock.lock();
        try {
            if (flight.hasLanded) {
                return false;
            }
            flight.hasLanded = true;
            inFlight--;
            lastAnswered = flight.size;
            changed.signalAll();
            boolean isSender = !isSending;
            isSending = true;
            return isSender;
        } finally {
            lock.unlock();
        }
    }

    /** On this thread if the executor is shut down by now or has no thread: callers must not wait for ever. */
    private void handOutElsewhere(Flight<T, R> flight, CompletableFuture<List<R>> replies) {
        try {
            executor.execute(() -> handOut(flight, replies));
        } catch (Throwable t) {
            handOut(flight, replies);
        }
    }

    private void handOut(Flight<T, R> flight, CompletableFuture<List<R>> replies) {
        replies.whenComplete((list, failure) -> {
            try {
                flight.handOut(list, failure);
            } catch (Throwable t) {
                // Code that follows on a reply ran out of stack or heap. Once more, on another thread: a future that is
                // complete stays as it is, and those behind it are completed.
                executor.execute(() -> flight.handOut(list, failure));
            }
        });
    }
}
