package io.tidemill.broker;

import io.tidemill.queue.RescheduleReply;
import io.tidemill.task.JobState;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * What operators do to queues of a broker that has {@link Ability#OPERATIONS}. Everything said of {@link Broker} holds
 * here, too: each method is one step, may be sent twice, and is bounded, however many jobs wait.
 *
 * <p>Thread-safe.
 */
public interface Operations {

    /**
     * Stops handing out jobs of a queue, in every process and at once: a {@link Broker#claim} brings nothing. What runs
     * goes on and is recorded; delayed jobs become ready when they are due; jobs are stored as ever.
     *
     * @return whether it was not paused before
     */
    CompletableFuture<Boolean> pause(String queue);

    /**
     * Hands out jobs again, and wakes the workers that came in vain.
     *
     * @return whether it was paused before
     */
    CompletableFuture<Boolean> resume(String queue);

    /** Whether the queue is paused. */
    CompletableFuture<Boolean> isPaused(String queue);

    /**
     * Sends dead jobs back to the end of the queue with their priority. Failures and ended leases are counted from 0
     * again; the job counts as given back once, so its next run is not taken for its first. The last failure stays to
     * be seen until there is another.
     *
     * @param jobs 1 to {@value Broker#MAX_BATCH}
     * @return one reply per job, in the same order
     */
    CompletableFuture<List<RedriveReply>> redrive(String queue, List<Redrive> jobs);

    /**
     * Gives a scheduled job another time, counted from now, or makes it ready at once: then it goes to the end of the
     * queue with its priority. A job that expires before the new time never runs. It may get another body as well, in
     * the same step, unless a worker has taken it before; all else that it asked for stays.
     */
    CompletableFuture<RescheduleReply> reschedule(String queue, Reschedule job);

    /**
     * Takes a job out for good: one that is dead, that has not started, or that succeeded and is kept. Nothing is kept
     * of it. The id of a ready job stays taken until the queue has come to where it stood.
     */
    CompletableFuture<DeleteReply> delete(String queue, String id);

    /**
     * Takes jobs in one state out for good. Ready ones go in the order they would run, scheduled ones by due time,
     * those that wait and dead ones oldest first, kept ones first that would be forgotten first. Kept jobs go with
     * their results, and still count as succeeded.
     *
     * @param state {@code READY}, {@code SCHEDULED}, {@code WAITING}, {@code DEAD}, or {@code SUCCEEDED} for kept jobs
     * @param limit most jobs to take, 1 to {@value Broker#MAX_BATCH}; those that ended while they were ready count
     *     among them and not in the reply
     */
    CompletableFuture<PurgeReply> purge(String queue, JobState state, int limit);

    /**
     * Looks closely at one job.
     *
     * @return empty if the job is not known: never stored, or ended with nothing kept
     */
    CompletableFuture<Optional<Inspection>> inspect(String queue, String id);

    /**
     * The leases on jobs of a queue, those first that end first.
     *
     * @param limit most leases, 1 to {@value Broker#MAX_BATCH}; fewer come when they hold more than as many jobs
     *     together
     */
    CompletableFuture<List<LeaseSnapshot>> leases(String queue, int limit);

    /**
     * Removes a queue: its name, its counts, its limits, the jobs that it keeps with their results, and whether it is
     * paused. Refused while a worker serves it, else while it has schedules, else while jobs wait in it or are dead.
     * Results of other jobs stay until their time is over. Jobs that are kept go {@value Broker#MAX_BATCH} at a time. A
     * queue that is used again begins anew; a broker object that uses it all the time lists it again within 10 minutes.
     *
     * <p>A queue with more than {@value Broker#MAX_BATCH} groups, or more than {@value Broker#MAX_BATCH} jobs that
     * ended while they were ready, counts as one with jobs: {@link #purge} takes them out.
     *
     * @param running whether jobs that run are taken out, too, some at a time; whoever runs them has lost them.
     *     Messages and records of workflows that have not ended go with them. If not, it is refused while there are any
     */
    CompletableFuture<EraseReply> erase(String queue, boolean running);

    /** The queues that jobs were ever stored in, or that a worker serves, as far as they were not removed. */
    CompletableFuture<Set<String>> queues();

    /**
     * Lists a worker as one that serves a queue, until the time is over or it is listed again.
     *
     * @param info what it says about itself, opaque to the broker
     * @param ttlMillis for how long, in ms; 0 or less takes it back
     * @return whether a command waits for it in this queue, as {@link CommandStore} says; false if it is taken back
     */
    CompletableFuture<Boolean> register(String queue, String worker, byte[] info, long ttlMillis);

    /** The workers that serve a queue, at most {@value Broker#MAX_BATCH}. */
    CompletableFuture<List<WorkerSnapshot>> workers(String queue);
}
