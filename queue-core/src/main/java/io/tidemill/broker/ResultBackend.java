package io.tidemill.broker;

import io.tidemill.task.BrokerException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Where outcomes of jobs are kept when they are not to be kept beside the jobs: another database or server.
 *
 * <p>Beside a broker that can look up jobs it keeps results only. A result is stored here before its job is recorded as
 * succeeded, so whoever sees the job ended finds the result. Beside a broker without {@link Ability#LOOK_UP} it keeps
 * every outcome, and whoever awaits a job looks here: outcomes without a result are stored after the broker has
 * recorded them, and are tried again while that fails.
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
     * Keeps outcomes, each replacing an earlier one of the same job. A future that fails, or is not completed within
     * the lease time (30 s unless the worker says otherwise), loses the results among them and nothing else: their jobs
     * are recorded as succeeded, which is logged, and beside a broker without look-up that they are lost is stored.
     *
     * @param outcomes 1 to {@value Broker#MAX_BATCH}, of jobs of one queue
     */
    CompletableFuture<Void> store(String queue, List<JobOutcome> outcomes);

    /**
     * Keeps outcomes that may be older than what is kept: they are stored again after a failure, or say that a result
     * is lost. Only a dead job has another outcome later, when it is redriven. So each is kept if no outcome of its job
     * is kept, or one that is {@link io.tidemill.task.JobState#DEAD DEAD}, and is left out otherwise. That is one step:
     * an outcome that {@link #store} keeps meanwhile is not replaced.
     *
     * @param outcomes 1 to {@value Broker#MAX_BATCH}, of jobs of one queue
     */
    CompletableFuture<Void> storeLate(String queue, List<JobOutcome> outcomes);

    /** The outcome of a job; empty if none is kept. */
    CompletableFuture<Optional<JobOutcome>> find(String queue, String id);

    /**
     * Announces jobs of a queue whose outcome is stored, also by other processes, until the subscription is closed.
     * What is announced is a hint: it may come twice, late or not at all. A backend need not announce anything; whoever
     * waits looks by himself from time to time.
     *
     * @param ended takes the id of the job; returns at once
     */
    default Subscription listen(String queue, Consumer<String> ended) {
        return () -> {};
    }

    /** Lets go of every connection and thread. */
    @Override
    void close();
}
