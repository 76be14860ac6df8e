package io.tidemill.batch;

import io.tidemill.async.Safely;
import java.util.ArrayList;
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

    /** A request that waits, in a chain: so that neither to add nor to take one allocates and fails half way. */
    private static final class Entry<T, R> {

        final T request;
        final int weight;
        final long sendByNanos;
        final CompletableFuture<R> reply = new CompletableFuture<>();

        @Nullable
        Entry<T, R> next;

        Entry(T request, int weight, long sendByNanos) {
            this.request = request;
            this.weight = weight;
            this.sendByNanos = sendByNanos;
        }
    }

    /** Requests that left the buffer together, on their way to a reply. */
    private static final class Flight<T, R> {

        @Nullable
        Entry<T, R> first;

        int size;
        /** Whether it counts as in flight no longer. Guarded by the lock. */
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
    }

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

    /** To cut fewer requests in two halves would cost another call and gain nothing. */
    private static final int SMALL_BATCH = 16;

    private final Limits limits;
    private final ToIntFunction<T> weigher;
    private final LongSupplier nanos;
    private final Executor executor;
    private final Function<List<T>, CompletableFuture<List<R>>> call;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private @Nullable Entry<T, R> firstWaiting;
    private @Nullable Entry<T, R> lastWaiting;
    private int waiting;
    private long waitingWeight;
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
            while (!hasRoomFor(entry.weight)) {
                if (rest <= 0) {
                    return null;
                }
                rest = changed.awaitNanos(rest);
            }
            add(entry);
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
            add(entry);
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

    private boolean isTooLate(Entry<T, R> entry) {
        return entry.sendByNanos != Long.MAX_VALUE && entry.sendByNanos - nanos.getAsLong() < 0;
    }

    private boolean hasRoomFor(int weight) {
        return waiting == 0 || (waiting < limits.waiting() && waitingWeight + weight <= limits.waitingWeight());
    }

    private void add(Entry<T, R> entry) {
        if (lastWaiting == null) {
            firstWaiting = entry;
        } else {
            lastWaiting.next = entry;
        }
        lastWaiting = entry;
        waiting++;
        waitingWeight += entry.weight;
    }

    /** Moves the first requests out of the buffer, up to this one. */
    private void take(Flight<T, R> flight, Entry<T, R> last, int size, long weight) {
        flight.first = firstWaiting;
        flight.size = size;
        firstWaiting = last.next;
        if (firstWaiting == null) {
            lastWaiting = null;
        }
        last.next = null;
        waiting -= size;
        waitingWeight -= weight;
        changed.signalAll();
    }

    /** Whether nothing waits and nothing is in flight. */
    public boolean isIdle() {
        lock.lock();
        try {
            return inFlight == 0 && waiting == 0;
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
            while (inFlight > 0 || waiting > 0) {
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

    /** Nobody can send what waits, and perhaps nobody comes by for long. */
    private void failWaiting(Throwable thrown) {
        Entry<T, R> first;
        lock.lock();
        try {
            if (isSending || inFlight > 0) {
                return;
            }
            first = firstWaiting;
            firstWaiting = null;
            lastWaiting = null;
            waiting = 0;
            waitingWeight = 0;
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
            if (isSending || waiting == 0 || inFlight == limits.inFlight()) {
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
        Entry<T, R> last = null;
        int size = 0;
        long weight = 0;
        for (Entry<T, R> each = firstWaiting; each != null && isTooLate(each); each = each.next) {
            last = each;
            size++;
            weight += each.weight;
        }
        if (last == null) {
            return false;
        }
        flight.replies = CompletableFuture.failedFuture(
                new TimeoutException("waited longer to be sent than it may, while nothing was answered"));
        flight.hasLanded = true;
        take(flight, last, size, weight);
        return true;
    }

    private boolean takeBatch(Flight<T, R> flight) {
        Entry<T, R> last = firstWaiting;
        if (last == null || !maySend()) {
            return false;
        }
        int size = 1;
        long weight = last.weight;
        int most = mostAtOnce();
        while (last.next != null && size < most && weight + last.next.weight <= limits.batchWeight()) {
            last = last.next;
            size++;
            weight += last.weight;
        }
        inFlight++;
        take(flight, last, size, weight);
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
        int half = (lastAnswered + waiting + 1) / 2;
        return Math.min(limits.batch(), Math.max(SMALL_BATCH, half));
    }

    private boolean maySend() {
        int needed = inFlight == 0 ? 1 : limits.batch();
        return inFlight < limits.inFlight() && waiting >= needed;
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
                handOut(flight, list, failure);
            } catch (Throwable t) {
                // Code that follows on a reply ran out of stack or heap. Once more, on another thread: a future that is
                // complete stays as it is, and those behind it are completed.
                executor.execute(() -> handOut(flight, list, failure));
            }
        });
    }

    private void handOut(Flight<T, R> flight, @Nullable List<R> list, @Nullable Throwable failure) {
        Throwable wrong = failure;
        if (wrong == null && (list == null || list.size() != flight.size)) {
            // Without this the callers would wait for ever.
            wrong = new IllegalStateException("a call with " + flight.size
                    + " requests must bring as many replies, got " + (list == null ? "none" : list.size()));
        }
        int i = 0;
        for (Entry<T, R> each = flight.first; each != null; each = each.next) {
            if (wrong != null || list == null) {
                each.reply.completeExceptionally(Objects.requireNonNull(wrong));
            } else {
                each.reply.complete(list.get(i++));
            }
        }
    }
}
