package io.tidemill.redis;

import io.tidemill.async.Safely;
import io.tidemill.redis.keys.KeyKind;
import io.tidemill.redis.keys.Keyspace;
import io.tidemill.redis.script.ScriptRequest;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Requests of one kind for one queue: numbered, and one at a time. The next is sent when the one before it is finished
 * with all its attempts, so the script needs to remember one number to know a repeated request from a new one, even if
 * what it did has been undone since.
 *
 * <p>However a request ends, with an error of the machine too, it is answered and the next is sent.
 *
 * <p>Thread-safe.
 */
final class NumberedRequests {

    /** More would not be answered in time either: each request takes at least 0.1 ms. */
    private static final int MOST_WAITING = 10_000;

    private final String kind;
    private final String queue;
    private final byte[] key;
    private final ReentrantLock lock = new ReentrantLock();
    private final Queue<Pending<?>> waiting = new LinkedBlockingQueue<>(MOST_WAITING);
    /** The one that is being sent or not answered yet; null if the next may be sent. Guarded by the lock. */
    private @Nullable Pending<?> current;

    private long number;

    NumberedRequests(Keyspace keys, String broker, String kind) {
        this.kind = kind;
        queue = keys.queue();
        key = keys.request(broker, kind);
    }

    /** Fills in the number, and the key under which the script remembers it. */
    ScriptRequest number(ScriptRequest request, long number) {
        return request.key(KeyKind.REQUEST, key).with("number", number);
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
     * Sends, when it is its turn, what is made with its number. Fails if too many wait already. How long it may wait is
     * for the request to know: one whose time is up is not sent, and the next has its turn. An error that is thrown
     * says that it is not sent.
     */
    <T> CompletableFuture<T> submit(LongFunction<CompletableFuture<T>> request) {
        Safely.reserveStackToUndo();
        Pending<T> pending = new Pending<>(request);
        if (!waiting.offer(pending)) {
            return CompletableFuture.failedFuture(Failures.tooMany(kind, queue, MOST_WAITING));
        }
        sendNext();
        return pending.reply;
    }

    /** A loop and not a recursion, because a request may be answered before sending returns. */
    private void sendNext() {
        for (Pending<?> pending = next(); pending != null; pending = next()) {
            try {
                if (!pending.send(this)) {
                    return;
                }
            } catch (Throwable t) {
                // The stack or the heap ended. Here there is enough of both again.
                pending.breakOff(t);
            }
            finish(pending);
        }
    }

    private @Nullable Pending<?> next() {
        lock.lock();
        try {
            if (current != null) {
                return null;
            }
            Pending<?> next = waiting.poll();
            if (next != null) {
                next.number = ++number;
                current = next;
            }
            return next;
        } finally {
            lock.unlock();
        }
    }

    private void finish(Pending<?> pending) {
        lock.lock();
        try {
            if (current == pending) {
                current = null;
            }
        } finally {
            lock.unlock();
        }
        Safely.run("answering a request", pending::answer);
    }

    private void answered(Pending<?> pending) {
        try {
            finish(pending);
        } finally {
            sendNext();
        }
    }

    private static final class Pending<T> {

        private final LongFunction<CompletableFuture<T>> request;
        private final CompletableFuture<T> reply = new CompletableFuture<>();
        private long number;
        private @Nullable CompletableFuture<T> sent;

        Pending(LongFunction<CompletableFuture<T>> request) {
            this.request = request;
        }

        /** Returns whether it is answered already; otherwise the sender is called when it is. */
        boolean send(NumberedRequests sender) {
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
