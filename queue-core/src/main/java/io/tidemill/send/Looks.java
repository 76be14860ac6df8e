package io.tidemill.send;

import io.tidemill.async.Safely;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * Questions about jobs that somebody waits for. So many are with the broker at a time; the others wait for their turn.
 * A broker has room for a limited number of requests, and workers of the same process need some of it.
 *
 * <p>Thread-safe. Never blocks.
 *
 * @param <V> what is found
 */
final class Looks<V> {

    private final Semaphore places;
    private final Queue<Supplier<CompletableFuture<V>>> waiting = new ConcurrentLinkedQueue<>();

    /** At most so many at a time. */
    Looks(int atOnce) {
        places = new Semaphore(atOnce);
    }

    /** Asks this as soon as there is a place. */
    void add(Supplier<CompletableFuture<V>> question) {
        // Before a place is looked for: whoever gives one back finds it.
        waiting.add(question);
        ask();
    }

    private void ask() {
        while (!waiting.isEmpty() && places.tryAcquire()) {
            Supplier<CompletableFuture<V>> next = waiting.poll();
            CompletableFuture<V> answer = next == null ? null : Safely.ask(next);
            if (answer == null || answer.isDone()) {
                // Not by a callback: with a broker that answers at once each would be called within the one before.
                places.release();
            } else {
                answer.whenComplete((found, failure) -> {
                    places.release();
                    ask();
                });
            }
        }
    }
}
