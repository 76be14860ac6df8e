package io.tidemill.admin;

import io.tidemill.async.Answers;
import io.tidemill.broker.Broker;
import io.tidemill.broker.DeleteReply;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.LeaseSnapshot;
import io.tidemill.broker.Operations;
import io.tidemill.broker.ProgressReader;
import io.tidemill.broker.PurgeReply;
import io.tidemill.broker.Redrive;
import io.tidemill.broker.RedriveReply;
import io.tidemill.broker.Reschedule;
import io.tidemill.client.JobHandle;
import io.tidemill.queue.CancelReply;
import io.tidemill.queue.HistoryRange;
import io.tidemill.queue.JobProgress;
import io.tidemill.queue.Limit;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.Limits;
import io.tidemill.queue.QueueCounts;
import io.tidemill.queue.QueueHistory;
import io.tidemill.queue.QueueLimits;
import io.tidemill.queue.RescheduleReply;
import io.tidemill.record.Progress;
import io.tidemill.record.ReportedProgress;
import io.tidemill.task.JobState;
import io.tidemill.text.Durations;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Everything an operator can look at and do; pages and commands have no other powers. Every method throws a
 * {@link io.tidemill.task.BrokerException} if the broker cannot be asked, and an {@link IllegalArgumentException} for a
 * queue that is not a name and an id that is not printable text.
 *
 * <p>Each step at the broker is bounded by 1,000 jobs. Methods that take as many steps as it needs say so. Long,
 * because it has a method for each thing that an operator does.
 *
 * <p>Thread-safe.
 */
public final class QueueAdmin {

    /** Most jobs in one step of a purge or redrive of all. */
    private static final int STEP = 250;

    private final Broker broker;
    private final Redriver redriver;
    private final Canceller canceller;
    private final Explainer explainer;
    private final Clock clock;

    /** Looks at what this broker holds. */
    public QueueAdmin(Broker broker) {
        this(broker, Clock.system());
    }

    /** As {@link #QueueAdmin(Broker)}; waits for answers of workers on this clock. */
    public QueueAdmin(Broker broker, Clock clock) {
        this.broker = broker;
        this.clock = clock;
        this.redriver = new Redriver(broker);
        this.canceller = new Canceller(broker);
        this.explainer = new Explainer(broker);
    }

    // Looking.

    /** The queues that jobs were ever stored in, or that a worker serves, by name, but for those that were deleted. */
    public Set<String> queues() {
        return ask(operations().queues(), "for the queues");
    }

    /** How many jobs the queue holds, by state, and how many it has seen. */
    public QueueCounts counts(String queue) {
        return ask(broker.lists().counts(given("queue", queue)), "for the counts of queue " + queue);
    }

    /**
     * What happened in the queue in the last 24 hours or 30 days, over all processes: what a page draws. Each process
     * adds what it counted every 5 s, so the newest counts are as old as that.
     */
    public QueueHistory history(String queue, HistoryRange range) {
        return ask(
                broker.history().history(given("queue", queue), given("range", range)),
                "for the history of queue " + queue);
    }

    /**
     * Jobs in one state: ready ones in the order they run, scheduled ones by due time, waiting ones oldest first, dead
     * ones newest first.
     *
     * @param state {@code READY}, {@code SCHEDULED}, {@code WAITING}, {@code ACTIVE}, {@code DEAD}, or
     *     {@code SUCCEEDED} for kept jobs
     * @param offset how many to skip, 0 or more
     * @param limit most to return, 1 to 1,000
     */
    public List<JobInfo> list(String queue, JobState state, int offset, int limit) {
        return snapshots(queue, state, offset, limit).stream().map(JobInfo::of).toList();
    }

    /** As {@link #list}, and says whether there are more. The next page begins at {@code offset + limit}. */
    public JobPage page(String queue, JobState state, int offset, int limit) {
        List<JobInfo> jobs = list(queue, state, offset, limit);
        boolean hasMore = !snapshots(queue, state, offset + limit, 1).isEmpty()
                // The next place may belong to a job that was cancelled there; the one after it need not.
                || (state == JobState.READY
                        && !snapshots(queue, state, offset + limit, Broker.MAX_BATCH)
                                .isEmpty());
        return new JobPage(jobs, hasMore);
    }

    /** One job, with whoever runs it; empty if nothing is known of it. */
    public Optional<JobInfo> find(String queue, String id) {
        return ask(operations().inspect(given("queue", queue), given("id", id)), "about job " + id)
                .map(JobInfo::of);
    }

    /**
     * How far a job has got, as its task says; also after its end, as long as that is kept. Of a sealed queue only the
     * numbers are shown. Empty if nothing is known.
     */
    public Optional<JobProgress> progress(String queue, String id) {
        return ask(ProgressReader.read(broker, given("queue", queue), given("id", id)), "for the progress of job " + id)
                .map(stored -> new ReportedProgress(Progress.read(stored, null, queue, id)));
    }

    /** Why a job is not running. */
    public Explanation explain(String queue, String id) {
        return explainer.explain(given("queue", queue), given("id", id));
    }

    /**
     * The workflows whose first step is in this queue: first those that have not ended, by id, then the last to be
     * forgotten first. Of large ones a page has fewer than asked for although there are more: the next page begins at
     * {@code offset} and the size of this one, and behind the last one a page is empty. One that changes meanwhile may
     * be on two pages or on none.
     *
     * @param offset how many to skip, 0 or more
     * @param limit most to return, 1 to 100
     */
    public List<WorkflowInfo> workflows(String queue, int offset, int limit) {
        return ask(broker.workflows().list(given("queue", queue), offset, limit), "for the workflows of queue " + queue)
                .stream()
                .map(stored -> WorkflowInfo.of(queue, stored))
                .toList();
    }

    /** The live workers that serve a queue, at most 1,000, each with the jobs of the queue that it holds. */
    public List<WorkerInfo> workers(String queue) {
        Map<String, List<String>> active = new HashMap<>();
        for (LeaseSnapshot lease :
                ask(operations().leases(given("queue", queue), Broker.MAX_BATCH), "for the leases of queue " + queue)) {
            active.computeIfAbsent(LeaseHolder.of(lease.token(), 0).worker(), worker -> new ArrayList<>())
                    .addAll(lease.jobs());
        }
        return ask(operations().workers(given("queue", queue)), "for the workers of queue " + queue).stream()
                .map(worker -> WorkerInfo.of(worker, List.copyOf(active.getOrDefault(worker.worker(), List.of()))))
                .toList();
    }

    /**
     * One live worker, to ask something of it.
     *
     * @param queue one that it serves
     * @param id as {@link WorkerInfo#id} says
     */
    public RemoteWorker worker(String queue, String id) {
        return RemoteWorker.of(broker, clock, given("queue", queue), given("id", id));
    }

    /** Whether the queue is paused. */
    public boolean isPaused(String queue) {
        return ask(operations().isPaused(given("queue", queue)), "whether queue " + queue + " is paused");
    }

    // Doing, one queue.

    /**
     * Stops handing out jobs, everywhere and at once. What runs goes on; what is stored waits.
     *
     * @return whether it was not paused before
     */
    public boolean pause(String queue) {
        return ask(operations().pause(given("queue", queue)), "to pause queue " + queue);
    }

    /**
     * Hands out jobs again.
     *
     * @return whether it was paused before
     */
    public boolean resume(String queue) {
        return ask(operations().resume(given("queue", queue)), "to resume queue " + queue);
    }

    /**
     * Takes jobs in one state out for good: as many as there are when this is called, in as many steps as it needs.
     * Kept jobs go with their results, and still count as succeeded.
     *
     * @param state {@code READY}, {@code SCHEDULED}, {@code DEAD}, or {@code SUCCEEDED} for kept jobs
     * @return how many jobs
     */
    public long purge(String queue, JobState state) {
        QueueCounts counts = counts(queue);
        long left = switch (given("state", state)) {
            case READY -> counts.ready();
            case SCHEDULED -> counts.scheduled();
            case SUCCEEDED -> counts.kept();
            default -> counts.dead();
        };
        long removed = 0;
        PurgeReply reply;
        do {
            // Also asks when nothing is left, for the refusal of other states.
            int limit = (int) Math.max(1, Math.min(STEP, left - removed));
            reply = purge(queue, state, limit);
            removed += reply.removed();
        } while (reply.hasMore() && removed < left);
        return removed;
    }

    /**
     * One step of a purge.
     *
     * @param limit most jobs, 1 to 1,000
     */
    public PurgeReply purge(String queue, JobState state, int limit) {
        return ask(operations().purge(given("queue", queue), given("state", state), limit), "to purge queue " + queue);
    }

    /**
     * Removes a queue that has no jobs and no workers: its name, its counts, its limits, whether it is paused, and the
     * jobs that succeeded and are kept, with their results. Other results stay until their time is over. A queue that
     * is used again begins anew.
     *
     * @throws IllegalStateException if it has jobs, messages for other queues, workflows that have not ended, schedules
     *     or a live worker; then nothing was changed. The message says how many jobs there are in which state, or how
     *     many of the others, and what to do
     */
    public void deleteQueue(String queue) {
        deleteQueue(queue, false);
    }

    /**
     * As {@link #deleteQueue(String)}; with force also a queue that has jobs: it takes them out for good, whatever
     * their state, in as many steps as it needs, with messages and workflows. Whoever runs one has lost it. Workflows
     * of other queues that have steps in this one wait for them in vain: cancel them. Stop the workers first, and the
     * producers: jobs that are stored meanwhile go, too, or stay, and the exception then says how many.
     *
     * @throws IllegalStateException if it has jobs, or with force gets new ones all the time, or has a live worker, or
     *     has schedules
     */
    public void deleteQueue(String queue, boolean force) {
        new QueueRemoval(this, broker, given("queue", queue)).remove(force);
    }

    /**
     * Forgets a workflow that has ended, before its time, and takes the steps out for good that still wait in it. Steps
     * that are dead stay dead letters, and those that run may end. Another workflow may have the id then.
     *
     * @param queue the queue of its first step
     * @return whether there was one
     * @throws IllegalStateException if it has not ended; or if it was cancelled, since what still runs of it is known
     *     by its id until its time; or if it has failed and what waits cannot be found, since its plan is sealed or
     *     steps were added while it ran: cancel it by its handle then
     * @throws io.tidemill.task.PayloadException if its record cannot be read here, as one that a newer version wrote
     */
    public boolean deleteWorkflow(String queue, String id) {
        return new WorkflowRemoval(broker, given("queue", queue), given("id", id)).remove();
    }

    // Doing, one job.

    /** Cancels a job, as {@link JobHandle#cancel} does. */
    public CancelReply cancel(String queue, String id) {
        return ask(broker.cancellation().cancel(given("queue", queue), given("id", id)), "to cancel job " + id);
    }

    /** Sends a dead job back to the end of its queue, with its failures forgotten. */
    public RedriveReply redrive(String queue, String id) {
        return ask(
                        operations().redrive(given("queue", queue), List.of(Redrive.now(given("id", id)))),
                        "to redrive job " + id)
                .get(0);
    }

    /**
     * Lets a job run now that is not due yet, or waits for another try: it goes to the end of its queue, with its
     * priority.
     *
     * @return whether it was scheduled; if not, nothing was changed
     */
    public boolean runNow(String queue, String id) {
        return reschedule(queue, id, Duration.ZERO);
    }

    /**
     * Gives a job that is not due yet, or waits for another try, another time.
     *
     * @param delay how long from now, 0 to 10 years
     * @return whether it was scheduled; if not, nothing was changed
     */
    public boolean reschedule(String queue, String id, Duration delay) {
        long millis = Durations.check("delay", delay).toMillis();
        return ask(
                        operations().reschedule(given("queue", queue), Reschedule.after(given("id", id), millis)),
                        "to reschedule job " + id)
                == RescheduleReply.RESCHEDULED;
    }

    /** Takes a job out for good that is dead, has not started, or is kept after it succeeded. */
    public DeleteReply delete(String queue, String id) {
        return ask(operations().delete(given("queue", queue), given("id", id)), "to delete job " + id);
    }

    // Doing, jobs that have not ended.

    /**
     * How many jobs match that have not ended: what {@link #cancelAll} would cancel now. In as many steps as it needs;
     * on Redis these look at all keys of the database. A job may count twice while Redis makes its tables smaller.
     */
    public Matching matching(String queue, JobFilter filter) {
        return canceller.count(given("queue", queue), given("filter", filter));
    }

    /**
     * Cancels all jobs that match and were there when this was called, whatever becomes of them meanwhile, in as many
     * steps as it needs; on Redis these look at all keys of the database. Jobs that are stored meanwhile are cancelled
     * or not.
     *
     * @return how many were cancelled before they started, and how many run and were asked to end. A queue with more
     *     than 1,000 leases may count waiting ones among those
     */
    public Matching cancelAll(String queue, JobFilter filter) {
        return canceller.cancel(given("queue", queue), given("filter", filter));
    }

    // Doing, dead jobs.

    /**
     * Sends dead jobs back, in as many steps as it needs.
     *
     * @return how many
     */
    public long redriveAll(String queue, DeadFilter filter) {
        return redriveAll(queue, filter, 0);
    }

    /**
     * Sends dead jobs back so that they become ready at a rate, newest first, in as many steps as it needs. It does not
     * wait for them: they are scheduled.
     *
     * @param perSecond how many become ready per second; 0 for all at once
     * @return how many
     */
    public long redriveAll(String queue, DeadFilter filter, double perSecond) {
        Redriven done = Redriven.NONE;
        while (!done.isDone()) {
            done = redriveSome(queue, filter, perSecond, STEP, done);
        }
        return done.redriven();
    }

    /**
     * One step of a redrive: looks at some dead jobs, newest first, and sends those back that match.
     *
     * @param perSecond as for {@link #redriveAll(String, DeadFilter, double)}
     * @param limit most jobs to look at, 1 to 1,000
     * @param before what the step before this one answered; {@link Redriven#NONE} for the first
     */
    public Redriven redriveSome(String queue, DeadFilter filter, double perSecond, int limit, Redriven before) {
        if (!(perSecond >= 0 && perSecond <= 1_000_000)) {
            throw new IllegalArgumentException("perSecond must be 0 to 1,000,000, got " + perSecond);
        }
        return redriver.page(given("queue", queue), given("filter", filter), perSecond, limit, given("before", before));
    }

    // Limits.

    /** Everything that limits the queue. */
    public QueueLimits limits(String queue) {
        return Answers.of(broker.limits().limits(given("queue", queue)), "for the limits of queue " + queue);
    }

    /**
     * Sets what limits the queue, each of its groups, or one group, for every process at once. It replaces what was set
     * for the same scope before, and stays until it is replaced or removed, or until a process starts that sets its
     * own.
     *
     * @param limits one of each kind at most; none frees one group of what limits each group
     */
    public void limit(String queue, LimitScope scope, Limit... limits) {
        Answers.of(
                broker.limits().limit(given("queue", queue), given("scope", scope), Limits.of(List.of(limits))),
                "to limit queue " + queue);
    }

    /** Removes what was set for this scope. A group is then limited as each group is. */
    public void unlimit(String queue, LimitScope scope) {
        Answers.of(
                broker.limits().limit(given("queue", queue), given("scope", scope), null),
                "to remove limits of queue " + queue);
    }

    private List<JobSnapshot> snapshots(String queue, JobState state, int offset, int limit) {
        return ask(
                broker.lists().list(given("queue", queue), given("state", state), offset, limit),
                "for jobs of queue " + queue);
    }

    private Operations operations() {
        return broker.operations();
    }

    private static <V> V ask(CompletableFuture<V> answer, String what) {
        return Answers.of(answer, what);
    }

    /** A null is named here, and not found deep in a broker. */
    private static <T> T given(String what, T value) {
        return Objects.requireNonNull(value, what);
    }
}
