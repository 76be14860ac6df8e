package io.tidemill.broker;

import io.tidemill.queue.CancelReply;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.Limits;
import io.tidemill.queue.QueueCounts;
import io.tidemill.queue.QueueLimits;
import io.tidemill.task.BrokerException;
import io.tidemill.task.JobState;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Where jobs are kept: the port that the sending half, the running half and the slow loops share. Each method is one
 * hop and changes everything it promises in one step, or nothing.
 *
 * <p>What every broker promises:
 *
 * <ul>
 *   <li>A job whose {@link #enqueue} was answered {@code ACCEPTED} is in exactly one {@link JobState} from then on.
 *   <li>At any instant at most one lease on a job is valid, and only its token can {@link #complete}, {@link #fail},
 *       {@link #release} or {@link #extend}. A stale token is refused and changes nothing.
 *   <li>The broker's clock decides when a job is due and when a lease has ended. Callers' clocks decide nothing.
 *   <li>Any request may be sent twice, as after a lost reply; the second does nothing more.
 *   <li>Order: higher priorities first; within one priority first in, first out. A job that was retried, promoted or
 *       recovered keeps its priority. Jobs due at the same millisecond run in the order of their ids, and so do those
 *       that came back to the front of their line, by whichever calls, released or recovered.
 *   <li>A job with a group waits in its group's own line, first in, first out, whatever its priority. Groups take
 *       turns, one job each. When both wait, groups' turns and jobs of the default priority without a group alternate;
 *       higher priorities go before both, lower ones after both.
 *   <li>A job that would break a limit is not claimed. What limits a group holds up nobody but its own jobs.
 * </ul>
 *
 * <p>Of a {@link JobConstraints}: at any instant at most one job that has not ended holds a unique key, and it lets go of it
 * however it ends. A job whose time to start was over is never claimed for the first time.
 *
 * <p>A job recovered from an ended lease is next claimed alone, so that one that kills its process takes no neighbours
 * along.
 *
 * <p>Calls that change something for the same queue come one at a time from each caller: {@link #enqueue} from a
 * client; {@link #complete}, {@link #fail}, {@link #release} and {@link #claim} from a worker, one of each at a time.
 *
 * <p>This port is for Tidemill's own parts. It may change in any release; users stay with {@code TaskQueue}.
 *
 * <p>Thread-safe. Futures complete with a {@link BrokerException} when the broker cannot be asked or refuses; they may
 * complete on a network thread, so only quick work may hang on them.
 */
public interface Broker extends AutoCloseable {

    /** Most jobs, completions or tokens in one call. */
    int MAX_BATCH = 1000;

    /** About how many bytes of large jobs one claim brings; a larger one comes alone. */
    int MAX_CLAIM_BYTES = 1 << 20;

    /** A clock of which no answer has told. */
    long NOT_KNOWN = Long.MIN_VALUE;

    /** Most queues in one survey. */
    int MAX_SURVEY = 500;

    /**
     * Connects, and checks that what it is connected to will do. Called once, before anything else.
     *
     * @throws BrokerException if it cannot be reached or will not do; says where and why
     */
    void open();

    /**
     * Stores jobs: due ones at the end of the queue, the others until they are due.
     *
     * <p>The jobs of one call are stored one after the other, in one step: the second of two with the same unique key
     * meets the first.
     *
     * @param jobs 1 to {@value #MAX_BATCH}
     * @return one reply per job, in the same order
     */
    CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs);

    /**
     * Claims jobs that may run now, highest priority first, under one lease. Due delayed jobs are promoted first. A
     * paused queue brings nothing and says that there is nothing more. Of large jobs it brings fewer than asked for, so
     * that one answer holds about {@value #MAX_CLAIM_BYTES} bytes; one that is larger comes alone.
     */
    CompletableFuture<ClaimReply> claim(String queue, ClaimRequest request);

    /**
     * Records runs that succeeded, and claims the next jobs in the same step.
     *
     * @param succeeded 0 to {@value #MAX_BATCH}, under any number of leases
     * @param next what to claim; null claims nothing
     */
    CompletableFuture<CompleteReply> complete(
            String queue, List<Completion.Succeeded> succeeded, @Nullable ClaimRequest next);

    /**
     * Records runs that did not succeed: {@link Completion.Retry}, {@link Completion.Dead} and
     * {@link Completion.Cancelled}.
     *
     * @param ended 1 to {@value #MAX_BATCH}
     * @return one reply per completion, in the same order
     */
    CompletableFuture<List<CompletionReply>> fail(String queue, List<Completion> ended);

    /**
     * Takes jobs back without a failure.
     *
     * @param releases 1 to {@value #MAX_BATCH}
     * @return one reply per release, in the same order
     */
    CompletableFuture<List<CompletionReply>> release(String queue, List<Completion.Release> releases);

    /**
     * Makes leases last from now on as long as said. Never shortens one.
     *
     * @param tokens 1 to {@value #MAX_BATCH}
     * @return one reply per token, in the same order
     */
    CompletableFuture<List<ExtendReply>> extend(String queue, List<String> tokens, long leaseMillis);

    /**
     * Moves delayed jobs whose time has come to the end of the queue, earliest first. Also lets groups take turns again
     * whose rate allows it by now.
     *
     * @param limit most jobs to move, 1 to {@value #MAX_BATCH}
     * @return how many were moved; fewer than the limit means that no more are due
     */
    CompletableFuture<Integer> promote(String queue, int limit);

    /**
     * Takes jobs whose leases have ended back to the front of the queue and counts one lost lease each; one that has
     * reached the limit is dead instead.
     *
     * @param limit most leases to look at, 1 to {@value #MAX_BATCH}
     * @param maxLostLeases how many ended leases a job survives
     * @param failure what to keep of a job that dies of it, opaque to the broker
     */
    CompletableFuture<RecoverReply> recover(String queue, int limit, int maxLostLeases, byte[] failure);

    /**
     * Ends jobs that have not started in time, those first whose time was over first. A claim does so, too, with those
     * that it comes across; what it hands out has not expired.
     *
     * @param limit most jobs to end, 1 to {@value #MAX_BATCH}
     * @return those; as many as the limit means that there may be more
     */
    CompletableFuture<List<JobBrief>> expire(String queue, int limit);

    /**
     * Says of each of some queues whether there is something to do in it, so that those who look after many queues need
     * not ask each for each thing. Changes nothing, and is the only method that is about more than one queue.
     *
     * @param queues 1 to {@value #MAX_SURVEY}
     * @return one answer per queue, in the same order
     */
    CompletableFuture<List<Survey>> survey(List<String> queues);

    /** Cancels a job that has not started, or asks the worker that runs it to interrupt it. */
    CompletableFuture<CancelReply> cancel(String queue, String id);

    /**
     * Looks at one job.
     *
     * <p>A job that succeeded with nothing kept leaves nothing. It is found as succeeded, all the same, for a minute if
     * somebody wanted to be told of its end; and later, too, if the receipt proves it: nothing was taken out of the
     * queue and nothing was lost since the job was stored, so there is no other way in which it can have gone. When
     * that cannot be proved, nothing is said.
     *
     * @param notify whether listeners of this broker object are to be told when the job ends
     * @param receipt what {@link EnqueueReply.Accepted#receipt} said when the job was stored by this broker object;
     *     null if nothing is to be concluded
     * @return empty if the job is not known: never stored, deleted, purged, trimmed or lost; or ended with nothing
     *     kept, and there is no proof of it
     */
    CompletableFuture<Optional<JobSnapshot>> find(String queue, String id, boolean notify, @Nullable String receipt);

    /** Looks at one job, and concludes nothing from its absence. */
    default CompletableFuture<Optional<JobSnapshot>> find(String queue, String id, boolean notify) {
        return find(queue, id, notify, null);
    }

    /** Counts the jobs of a queue. */
    CompletableFuture<QueueCounts> counts(String queue);

    /**
     * Lists jobs in one state, for people: ready ones in the order they run, scheduled ones by due time, dead ones
     * newest first, those of the same millisecond by their ids. A page of ready jobs may be shorter by jobs that ended
     * while they were ready; no job is on two pages or on none. Active jobs come in no particular order. Ready jobs
     * with a group come group by group, behind those of the default priority without one.
     *
     * @param state {@code READY}, {@code SCHEDULED}, {@code ACTIVE} or {@code DEAD}
     * @param offset how many to skip, 0 or more
     * @param limit most to return, 1 to {@value #MAX_BATCH}
     */
    CompletableFuture<List<JobSnapshot>> list(String queue, JobState state, int offset, int limit);

    /**
     * Sets what limits a queue, each of its groups, or one group, for every process at once. It replaces what was set
     * for the same scope before, and stays until it is replaced or removed. To set what is set does nothing, and wakes
     * nobody.
     *
     * <p>Takes as many steps as it needs, each bounded, where many groups are held up or many jobs run. With the first
     * step the new limits hold; a concurrency limit of the queue, when there was none, holds with the last, when all
     * that runs is counted, and until then what held before. Groups that were held up before go on by and by. A caller
     * that does not come to the end loses nothing: the next one that sets the same goes on.
     *
     * @param limits null removes them; {@link Limits#NONE} for one group frees it of those that hold for each group
     */
    CompletableFuture<Void> limit(String queue, LimitScope scope, @Nullable Limits limits);

    /** Everything that limits a queue. */
    CompletableFuture<QueueLimits> limits(String queue);

    /**
     * How far the broker's clock is ahead of this process' monotonic clock, in ms, as the latest answer about this
     * queue said. It means something only compared with itself: if it grows, the broker's clock was set ahead. Asks
     * nobody.
     *
     * @return {@link #NOT_KNOWN} before the first answer
     */
    long clockLead(String queue);

    /**
     * Hears of these queues until the subscription is closed.
     *
     * @param worker whose wake-ups to hear; null for a client, which hears only of finished jobs
     * @param queues the queues; may be empty for a client
     */
    Subscription listen(@Nullable String worker, Set<String> queues, BrokerListener listener);

    /** What operators do to queues of this broker. */
    Operations operations();

    /** Lets go of every connection and thread. Calls in flight fail. */
    @Override
    void close();
}
