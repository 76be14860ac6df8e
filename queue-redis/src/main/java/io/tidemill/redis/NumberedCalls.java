package io.tidemill.redis;

import io.tidemill.async.Safely;
import io.tidemill.redis.keys.Keyspace;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Calls of one kind for one queue: numbered, and one at a time. The next is sent when the one before it is finished
 * with all its repetitions, so the script needs to remember one number to know a repeated call from a new one, even if
 * what it did is long gone again.
 *
 * <p>However a call ends, with an error of the machine too, it is answered and the next is sent.
 *
 * <p>Thread-safe.
 */
final class NumberedCalls {

    /** More would not be answered in time either: a call takes Redis and the way there a tenth of a ms at least. */
    private static final int MOST_WAITING = 10_000;

    private final String kind;
    private final String queue;
    private final byte[] key;
    private final ReentrantLock lock = new ReentrantLock();
    private final Queue<Call<?>> waiting = new LinkedBlockingQueue<>(MOST_WAITING);
    /** The call that is being sent or not answered yet; null if the next may be sent. Guarded by the lock. */
    private @Nullable Call<?> current;

    private long number;

    NumberedCalls(Keyspace keys, String broker, String kind) {
        this.kind = kind;
        queue = keys.queue();
        key = keys.call(broker, kind);
    }

    /** Where the script remembers the last number. */
    byte[] key() {
        return key;
    }

    /** Whether nothing waits and nothing is on its way. */
    boolean isIdle() {
        lock.lock();
        try {
            return current == null && waiting.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Sends, when it is its turn, what is made with its number. Fails if too many wait already. How long a call may
     * wait is for the request to know: one whose time is up is not sent, and the next has its turn. An error that is
     * thrown says that it is not sent.
     */
    <T> CompletableFuture<T> submit(LongFunction<CompletableFuture<T>> request) {
        Safely.reserveStackToUndo();
        Call<T> call = new Call<>(request);
        if (!waiting.offer(call)) {
            return CompletableFuture.failedFuture(Failures.tooMany(kind, queue, MOST_WAITING));
        }
        sendNext();
        return call.reply;
    }

    /** A loop and not a recursion, because a call may be answered before it returns. */
    private void sendNext() {
        for (Call<?> call = next(); call != null; call = next()) {
            try {
                if (!call.send(this)) {
                    return;
                }
            } catch (Throwable t) {
                // The stack or the heap ended. Here there is enough of both again.
                call.breakOff(t);
            }
            finish(call);
        }
    }

    private @Nullable Call<?> next() {
        lock.lock();
        try {
            if (current != null) {
                return null;
            }
            Call<?> next = waiting.poll();
            if (next != null) {
                next.number = ++number;
                current = next;
            }
            return next;
        } finally {
            lock.unlock();
        }
    }

    private void finish(Call<?> call) {
        lock.lock();
        try {
            if (current == call) {
                current = null;
            }
        } finally {
            lock.unlock();
        }
        Safely.run("answering a call", call::answer);
    }

    private void answered(Call<?> call) {
        try {
            finish(call);
        } finally {
            sendNext();
        }
    }

    private static final class Call<T> {

        private final LongFunction<CompletableFuture<T>> request;
        private final CompletableFuture<T> reply = new CompletableFuture<>();
        private long number;
        private @Nullable CompletableFuture<T> sent;

        Call(LongFunction<CompletableFuture<T>> request) {
            this.request = request;
        }

        /** Returns whether it is answered already; otherwise the sender hears of it. */
        boolean send(NumberedCalls sender) {
            CompletableFuture<T> answer = Safely.ask(() -> request.apply(number));
            sent = answer;
            if (answer.isDone()) {
                return true;
            }
            answer.whenComplete((value, failure) -> sender.answered(this));
            return false;
        }

        /** Whether it was sent is not known; nothing more is done for it. */
        void breakOff(Throwable thrown) {
            reply.completeExceptionally(thrown);
            if (sent != null) {
                sent.completeExceptionally(thrown);
            }
        }

        void answer() {
            CompletableFuture<T> answer = sent;
            if (answer != null) {
                answer.whenComplete((value, failure) -> {
                    if (failure != null) {
                        reply.completeExceptionally(failure);
                    } else {
                        reply.complete(value);
                    }
                });
            }
        }
    }
}
