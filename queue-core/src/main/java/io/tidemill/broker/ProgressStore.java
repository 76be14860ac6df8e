package io.tidemill.broker;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Keeps how far jobs have got, of a broker that has {@link Ability#PROGRESS}: the last {@link Report} of each job, for
 * a time of its own. It stays when the job has ended, and goes when its time is over. Everything said of {@link Broker}
 * holds here, too.
 *
 * <p>Thread-safe.
 */
public interface ProgressStore {

    /**
     * Keeps a report of a job that the caller holds. A {@link Report} that is sent again changes nothing more.
     *
     * @return false if the token does not hold the job: nothing was changed
     */
    CompletableFuture<Boolean> report(String queue, Report report);

    /** The bytes of the last report of a job; empty if none is kept. */
    CompletableFuture<Optional<byte[]>> progress(String queue, String id);
}
