package io.tidemill.schedule;

import io.tidemill.async.Answers;
import java.util.concurrent.CompletableFuture;

/**
 * Waits for answers of the broker until the scheduler stops, so that a broker which is silent does not hold up the
 * stop.
 *
 * <p>Thread-safe.
 */
final class StopSignal {

    private final CompletableFuture<Void> stopping = new CompletableFuture<>();

    /** Lets all waits end, now and from now on. */
    void stop() {
        stopping.complete(null);
    }

    boolean isStopping() {
        return stopping.isDone();
    }

    /**
     * The answer.
     *
     * @throws IllegalStateException if the scheduler stops before there is one
     * @throws io.tidemill.task.BrokerException as {@link Answers#of} throws
     */
    <V> V await(CompletableFuture<V> answer, String what) {
        Answers.of(CompletableFuture.anyOf(answer.handle((value, failure) -> ""), stopping), what);
        if (!answer.isDone()) {
            throw new IllegalStateException("the scheduler stops");
        }
        return Answers.of(answer, what);
    }
}
