package io.tidemill.redis;

import io.tidemill.redis.keys.Keyspace;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Calls of one kind for one queue: numbered, and one at a time. The next is sent when the one before it is finished
 * with all its repetitions, so the script needs to remember one number to know a repeated call from a new one, even if
 * what it did is long gone again.
 *
 * <p>Thread-safe.
 */
final class Calls {

    /** More would not be answered in time either: a call takes Redis and the way there a tenth of a ms at least. */
    private static final int MOST_WAITING = 10_000;

    private final String kind;
    private final String queue;
    private final byte[] key;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Call<?>> waiting = new ArrayDeque<>();
    private boolean inFlight;
    private long number;

    Calls(Keyspace keys, String broker, String kind) {
        this.kind = kind;
        queue = keys.queue();
        key = keys.call(broker, kind);
    }

    /** Where the script remembers the last number. */
    byte[] key() {
        return key;
    }

    /**
     * Sends, when it is its turn, what is made with its number. Fails if too many wait already. How long a call may
     * wait is for the request to know: one whose time is up is not sent, and the next has its turn.
     */
    <T> CompletableFuture<T> submit(LongFunction<CompletableFuture<T>> request) {
        Call<T> call = new Call<>(request, new CompletableFuture<>());
        lock.lock();
        try {
            if (waiting.size() >= MOST_WAITING) {
                return CompletableFuture.failedFuture(Failures.tooMany(kind, queue, MOST_WAITING));
            }
            waiting.add(call);
        } finally {
            lock.unlock();
        }
        sendNext();
        return call.reply();
    }

    /** A loop and not a recursion, because a call may be answered before it returns. */
    private void sendNext() {
        while (true) {
            long next;
            Call<?> call;
            lock.lock();
            try {
                call = inFlight ? null : waiting.poll();
                if (call == null) {
                    return;
                }
                inFlight = true;
                next = ++number;
            } finally {
                lock.unlock();
            }
            CompletableFuture<?> sent = call.send(next);
            if (!sent.isDone()) {
                Call<?> current = call;
                sent.whenComplete((answer, failure) -> {
                    finish(current);
                    sendNext();
                });
                return;
            }
            finish(call);
        }
    }

    private void finish(Call<?> call) {
        lock.lock();
        try {
            inFlight = false;
        } finally {
            lock.unlock();
        }
        call.answer();
    }

    private static final class Call<T> {

        private final LongFunction<CompletableFuture<T>> request;
        private final CompletableFuture<T> reply;
        private @Nullable CompletableFuture<T> sent;

        Call(LongFunction<CompletableFuture<T>> request, CompletableFuture<T> reply) {
            this.request = request;
            this.reply = reply;
        }

        CompletableFuture<T> reply() {
            return reply;
        }

        CompletableFuture<T> send(long number) {
            try {
                sent = request.apply(number);
            } catch (RuntimeException e) {
                sent = CompletableFuture.failedFuture(e);
            }
            return sent;
        }

        void answer() {
            CompletableFuture<T> done = sent;
            if (done != null) {
                done.whenComplete((answer, failure) -> {
                    if (failure != null) {
                        reply.completeExceptionally(failure);
                    } else {
                        reply.complete(answer);
                    }
                });
            }
        }
    }
}
