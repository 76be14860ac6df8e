package io.tidemill.broker;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The slow work on a broker that has {@link Ability#SWEEPS}: what time brings and nobody claims. Every worker does it,
 * again and again, and all of it is safe to do twice. Everything said of {@link Broker} holds here, too.
 *
 * <p>Thread-safe.
 */
public interface Sweeps {

    /** The clock lead of a queue about which there was no answer yet. */
    long NOT_KNOWN = Long.MIN_VALUE;

    /** Most queues in one survey. */
    int MAX_SURVEY = 500;

    /**
     * Says of each of some queues whether there is something to do in it, so that those who look after many queues need
     * not ask each for each thing. Changes nothing, and is the only method that is about more than one queue.
     *
     * @param queues 1 to {@value #MAX_SURVEY}
     * @return one answer per queue, in the same order
     */
    CompletableFuture<List<Survey>> survey(List<String> queues);

    /**
     * Moves delayed jobs whose time has come to the end of the queue, earliest first. Also lets groups take turns again
     * whose rate allows it by now.
     *
     * @param limit most jobs to move, 1 to {@value Broker#MAX_BATCH}
     * @return how many were moved; fewer than the limit means that no more are due
     */
    CompletableFuture<Integer> promote(String queue, int limit);

    /**
     * Takes jobs whose leases have ended back to the front of the queue and counts one lost lease each; one that has
     * reached the limit is dead instead.
     *
     * @param limit most leases to look at, 1 to {@value Broker#MAX_BATCH}
     * @param maxLostLeases how many lost leases a job survives
     * @param failure what to keep of a job that dies of it, opaque to the broker
     */
    CompletableFuture<RecoverReply> recover(String queue, int limit, int maxLostLeases, byte[] failure);

    /**
     * Ends jobs that have not started in time, those first whose time was over first. A claim does so, too, with those
     * that it comes across; what it hands out has not expired.
     *
     * @param limit most jobs to end, 1 to {@value Broker#MAX_BATCH}
     * @return those; as many as the limit means that there may be more
     */
    CompletableFuture<List<JobBrief>> expire(String queue, int limit);

    /**
     * Takes dead jobs out for good that are too many or too old, oldest first.
     *
     * @param keep how many of the newest to leave, 0 or more
     * @param maxAgeMillis how long ago a job may have died to be left, in ms, 0 or more
     * @param limit most jobs to take, 1 to {@value Broker#MAX_BATCH}
     * @return how many were taken; fewer than the limit means that there are no more
     */
    CompletableFuture<Integer> trim(String queue, long keep, long maxAgeMillis, int limit);

    /**
     * How far the broker's clock is ahead of this process' monotonic clock, in ms, as the latest answer about this
     * queue said. It means something only compared with itself: if it grows, the broker's clock was set ahead. Asks
     * nobody.
     *
     * @return {@link #NOT_KNOWN} before the first answer
     */
    long clockLead(String queue);
}
