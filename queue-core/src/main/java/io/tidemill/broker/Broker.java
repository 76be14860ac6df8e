package io.tidemill.broker;

import io.tidemill.event.Probe;
import io.tidemill.task.BrokerException;
import io.tidemill.task.JobState;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Where jobs are kept: the port that the sending half, the running half and the slow loops share. Each method that is
 * about a queue is one hop and changes everything it promises in one step, or nothing.
 *
 * <p>This is the core, which every broker has. The rest are {@link Ability abilities}, each in an interface of its own;
 * whoever uses one asks for it here.
 *
 * <p>What every broker promises:
 *
 * <ul>
 *   <li>A job whose {@link #enqueue} was answered {@code ACCEPTED} is in exactly one {@link JobState} from then on.
 *   <li>At any instant at most one lease on a job is valid, and only its token can {@link #complete}, {@link #fail},
 *       {@link #release}, {@link Leases#extend} or {@link NoteStore#note}. A stale token is refused and changes
 *       nothing.
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
 * <p>Of a {@link JobConstraints}: at any instant at most one job that has not ended holds a unique key, and it lets go
 * of it however it ends. A job whose time to start was over is never claimed for the first time.
 *
 * <p>A job recovered from an ended lease is next claimed alone, so that one that kills its process takes no neighbours
 * along.
 *
 * <p>Requests about one queue may be in flight at the same time, from one caller as from several, and a broker may do
 * them in any order: a worker sends two requests of {@link #complete} at a time, a claim beside them, and a client
 * sends jobs in bulk beside single ones. What a caller needs done in order it sends after the answer.
 *
 * <p>For those who write brokers. Applications only choose one and use {@code TaskQueue}.
 *
 * <p>Thread-safe. Futures complete with a {@link BrokerException} when the broker cannot be asked or refuses; they may
 * complete on a network thread, so only quick work may hang on them.
 */
public interface Broker extends AutoCloseable {

    /** Most jobs, completions or tokens in one call. */
    int MAX_BATCH = 1000;

    /** About how many bytes of large jobs one claim brings; a larger one comes alone. */
    int MAX_CLAIM_BYTES = 1 << 20;

    /** Most cost of the jobs in one request of {@link #enqueue}, unless it is a single one. */
    long MAX_COST = 1 << 20;

    /** What it is called in messages. */
    default String name() {
        return getClass().getSimpleName();
    }

    /** What it can do beyond the core. Always the same for one object. */
    Set<Ability> abilities();

    /**
     * Asks for an ability.
     *
     * @throws BrokerException if it is not among the {@link #abilities}; names it
     */
    default void require(Ability ability) {
        if (!abilities().contains(ability)) {
            throw ability.missingIn(name());
        }
    }

    /**
     * Refuses a job that it cannot keep as the job asks. Whoever stores jobs asks this of each, before it is sent
     * together with others.
     *
     * @throws BrokerException if it would not do what the job asks; says why
     */
    default void check(String queue, NewJob job) {
        job.constraints().needs().forEach(this::require);
    }

    /**
     * Gives a probe each script from now on, as {@link Probe#executed} says. Called at most once, before {@link #open}.
     * Default: nothing, as of a broker that has no scripts.
     */
    default void measure(Probe probe) {}

    /**
     * Connects, and checks that what it is connected to will do. Called once, before anything else but
     * {@link #measure}.
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
     * What storing a job costs: its bytes and those of its {@link ScheduleStep}, or a number of bytes that takes as
     * long to store. Callers keep the sum of a request to {@link #MAX_COST}, so that no request holds up the others for
     * long.
     */
    default int cost(NewJob job) {
        return job.body().length + job.constraints().stepBytes();
    }

    /**
     * Claims jobs that may run now, highest priority first, under one lease. Due delayed jobs are promoted first. A
     * paused queue brings nothing and says that there is nothing more. Of large jobs it brings fewer than asked for, so
     * that one answer holds about {@value #MAX_CLAIM_BYTES} bytes; one that is larger comes alone.
     */
    CompletableFuture<ClaimReply> claim(String queue, ClaimRequest request);

    /**
     * Records runs that succeeded, and claims the next jobs in the same step. Of jobs with a {@link Completion.Keep} it
     * keeps the record, and forgets those whose time is over.
     *
     * <p>What follows jobs of workflows is done in the step that records them, and before the claim, which may be a
     * step of its own then: {@link Followers}. Of all completions of one call these are at most
     * {@value Followers#MAX_FILLS} jobs and places together, and {@value Followers#MAX_BYTES} bytes, unless a single
     * one has more.
     *
     * @param succeeded 0 to {@value #MAX_BATCH}, under any number of leases
     * @param next what to claim; null claims nothing
     */
    CompletableFuture<CompleteReply> complete(
            String queue, List<Completion.Succeeded> succeeded, @Nullable ClaimRequest next);

    /**
     * Records runs that did not succeed.
     *
     * @param failed 1 to {@value #MAX_BATCH}
     * @return one reply per completion, in the same order
     */
    CompletableFuture<List<CompletionReply>> fail(String queue, List<Completion.Failed> failed);

    /**
     * Takes jobs back without a failure.
     *
     * @param releases 1 to {@value #MAX_BATCH}
     * @return one reply per release, in the same order
     */
    CompletableFuture<List<CompletionReply>> release(String queue, List<Completion.Release> releases);

    /**
     * Calls a listener with hints about these queues until the subscription is closed.
     *
     * @param worker whose wake-ups to hear; null for a client, which hears only of finished jobs
     * @param queues the queues; may be empty for a client
     */
    Subscription listen(@Nullable String worker, Set<String> queues, BrokerListener listener);

    // What a broker with the ability overrides; without it each refuses by name.

    /** Extends leases: {@link Ability#LEASES}. */
    default Leases leases() {
        throw Ability.LEASES.missingIn(name());
    }

    /** Looks after queues: {@link Ability#SWEEPS}. */
    default Sweeps sweeps() {
        throw Ability.SWEEPS.missingIn(name());
    }

    /** Finds jobs: {@link Ability#LOOK_UP}. */
    default LookUp lookUp() {
        throw Ability.LOOK_UP.missingIn(name());
    }

    /** Cancels jobs: {@link Ability#CANCEL}. */
    default Cancellation cancellation() {
        throw Ability.CANCEL.missingIn(name());
    }

    /** Counts and lists jobs: {@link Ability#LISTS}. */
    default Lists lists() {
        throw Ability.LISTS.missingIn(name());
    }

    /** Sets limits: {@link Ability#LIMITS}. */
    default LimitStore limits() {
        throw Ability.LIMITS.missingIn(name());
    }

    /** What operators do: {@link Ability#OPERATIONS}. */
    default Operations operations() {
        throw Ability.OPERATIONS.missingIn(name());
    }

    /** Keeps schedules: {@link Ability#SCHEDULES}. */
    default ScheduleStore schedules() {
        throw Ability.SCHEDULES.missingIn(name());
    }

    /** Keeps counts of the last days: {@link Ability#HISTORY}. */
    default CountHistory history() {
        throw Ability.HISTORY.missingIn(name());
    }

    /** Keeps what runs have done so far: {@link Ability#NOTES}. */
    default NoteStore notes() {
        throw Ability.NOTES.missingIn(name());
    }

    /** Keeps how far jobs have got: {@link Ability#PROGRESS}. */
    default ProgressStore progress() {
        throw Ability.PROGRESS.missingIn(name());
    }

    /** Keeps what jobs of workflows wait for: {@link Ability#WORKFLOWS}. */
    default WorkflowStore workflows() {
        throw Ability.WORKFLOWS.missingIn(name());
    }

    /** Keeps what operators ask of workers: {@link Ability#CONTROL}. */
    default CommandStore commands() {
        throw Ability.CONTROL.missingIn(name());
    }

    /** Lets go of every connection and thread. Requests in flight fail. */
    @Override
    void close();
}
