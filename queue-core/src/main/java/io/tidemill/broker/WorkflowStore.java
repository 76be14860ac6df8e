package io.tidemill.broker;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What a broker with {@link Ability#WORKFLOWS} does for jobs that follow one another. It keeps jobs that wait until
 * their places are filled, the records of workflows, and messages for other queues; what a workflow means is not its
 * concern. What follows a job that succeeds is stored and filled by its completion: {@link Followers}. Everything said
 * of {@link Broker} holds here, too: each method is one step, may be sent twice, and is bounded.
 *
 * <p>A job of a workflow that ends without success leaves an {@link OutboxMessage.Ended} in its queue, in the step that
 * ends it. With the end of a job its places are gone.
 *
 * <p>Thread-safe.
 */
public interface WorkflowStore {

    /** Most jobs in one call. */
    int MAX_JOBS = 200;

    /** Most records in one answer. */
    int MAX_LISTED = 100;

    /** Longest time for which a workflow is stopped, ms: 30 days. */
    long MAX_STOP_MILLIS = 30L * 24 * 3_600_000;

    /**
     * Writes the record of a workflow if it has the expected revision, and stores jobs in the same step; or does
     * nothing. If the record has the new revision already, the jobs were stored with it, and nothing is changed. A
     * broker that is full refuses new records and jobs alone, and replaces a record also then.
     *
     * @param queue the queue of the jobs; with a write the home of the workflow
     * @param write null to store jobs only
     * @param jobs 0 to {@value #MAX_JOBS}; at least one without a write. Their bytes together are at most
     *     {@value Broker#MAX_COST}, unless it is a single one
     */
    CompletableFuture<StoreReply> store(String queue, @Nullable WorkflowWrite write, List<WorkflowJob> jobs);

    /**
     * The record of a workflow; empty if it was never written, or its time is over.
     *
     * @param notify whether listeners of this broker object are to be notified when it ends: by
     *     {@link BrokerListener#finished} with the home queue and the id of the workflow. Of one that has not ended the
     *     content is left out then, since whoever waits looks again and again: it has 0 bytes
     */
    CompletableFuture<Optional<StoredWorkflow>> find(String home, String id, boolean notify);

    /**
     * Ends a workflow that has succeeded: what {@link Followers#end} does where the home is the queue of the job. The
     * first end stays. If the record is not there, or its last write {@linkplain WorkflowWrite#isFinal was final},
     * nothing happens.
     */
    CompletableFuture<Void> end(String home, String workflow, WorkflowEnd end);

    /**
     * Records of workflows: first those that have not ended, by the code points of their ids, then the last to be
     * forgotten first. One that is written meanwhile may be on two pages or on none. Its
     * {@link StoredWorkflow#keepMillis} is how long it is still kept.
     *
     * @param offset how many to skip, 0 or more
     * @param limit most records, 1 to {@value #MAX_LISTED}. Of large ones it brings fewer, so that the contents in one
     *     answer are no more than {@value Broker#MAX_CLAIM_BYTES} bytes together, but at least one
     */
    CompletableFuture<List<StoredWorkflow>> list(String home, int offset, int limit);

    /**
     * Fills places of jobs in this queue.
     *
     * @param fills 1 to {@value Broker#MAX_BATCH}, all of this queue. Their values together are at most
     *     {@value Followers#MAX_BYTES} bytes, unless it is a single one
     * @return one reply per fill, in the same order
     */
    CompletableFuture<List<FillReply>> fill(String queue, List<Fill> fills);

    /**
     * What is in the places of a job that has not ended, or is dead.
     *
     * @param from the first place, 0 or more
     * @param limit most places, 1 to {@value Broker#MAX_BATCH}. Of large values it brings fewer, so that they are no
     *     more than {@value Broker#MAX_CLAIM_BYTES} bytes together, but at least one
     * @return empty if the job is not known, or has no places
     */
    CompletableFuture<Optional<PlacePage>> places(String queue, String job, int from, int limit);

    /**
     * Messages that are to be carried elsewhere, oldest first. They stay until they are {@link #delivered}.
     *
     * @param limit most messages, 1 to {@value Broker#MAX_BATCH}. Of large ones it brings fewer, so that they are no
     *     more than {@value Broker#MAX_CLAIM_BYTES} bytes together, but at least one
     */
    CompletableFuture<List<OutboxMessage>> outbox(String queue, int limit);

    /**
     * Forgets messages that were carried.
     *
     * @param numbers 1 to {@value Broker#MAX_BATCH}; those that are not known are no error
     */
    CompletableFuture<Void> delivered(String queue, List<Long> numbers);

    /**
     * Stops a workflow in a queue: completions there bring no {@link Followers} of it any more, and none of its jobs is
     * stored there. Jobs that are there stay.
     *
     * @param keepMillis for how long, 1 to {@value #MAX_STOP_MILLIS} ms: longer than its jobs may run
     */
    CompletableFuture<Void> stop(String queue, String workflow, long keepMillis);
}
