package io.tidemill.broker;

import io.tidemill.task.BrokerException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Where results are kept when they are not to be kept beside the jobs: another database or server. A result is stored
 * here before its job is recorded as succeeded, so whoever sees the job ended finds the result.
 *
 * <p>Thread-safe. Futures complete with a {@link BrokerException} when the backend cannot be asked.
 */
public interface ResultBackend extends AutoCloseable {

    /**
     * Connects. Called once, before anything else.
     *
     * @throws BrokerException if it cannot be reached
     */
    void open();

    /**
     * Keeps a result, replacing an earlier one of the same job. A future that fails, or is not completed within the
     * lease time (30 s unless the worker says otherwise), loses the result and nothing else: its job is recorded as
     * succeeded, which is logged.
     *
     * @param ttlMillis how long, in ms, by the backend's clock
     */
    CompletableFuture<Void> store(String queue, String id, byte[] result, long ttlMillis);

    /** The result of a job; empty if none is kept. */
    CompletableFuture<Optional<byte[]>> find(String queue, String id);

    /** Lets go of every connection and thread. */
    @Override
    void close();
}
