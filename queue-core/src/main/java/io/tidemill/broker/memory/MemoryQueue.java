package io.tidemill.broker.memory;

import io.tidemill.broker.StepEnd;
import io.tidemill.queue.QueueLimits;
import io.tidemill.task.JobState;
import io.tidemill.task.Unique;
import io.tidemill.text.PrintableText;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One queue: the specification of each hop of the port, in plain collections. Here are the places of its jobs, and the
 * moves between them; {@link QueueIntake}, {@link QueueClaims}, {@link QueueCompletions}, {@link QueueSweeper},
 * {@link QueueLimiter}, {@link QueueOperator}, {@link QueueSchedules}, {@link QueueWorkflows} and {@link QueueLookUp}
 * are the hops.
 *
 * <p>A job is in exactly one place: {@link #ready}, {@link #delayed}, {@link #unfilled}, {@link #leases},
 * {@link #dead}, or it has ended and is at most remembered in {@link #ended} or {@link #kept}. {@link #jobs} finds
 * those that have not, and the dead. {@link #locks} and {@link #expiring} say more about jobs in those places.
 *
 * <p>The holder of a job is the token whose lease has it, even when its time is over but nobody has recovered it yet:
 * nobody else can have the job, so what the holder says about it is true.
 *
 * <p>Costs O(log n) or less per job on the way of a job that succeeds.
 *
 * <p>One lock guards it all. Each hop runs inside {@link #run}, which takes the lock.
 */
final class MemoryQueue {

    /** What a hop answers, with the notifications to publish once the lock is free. */
    record Answer<V extends @Nullable Object>(V value, Notifications notifications) {}

    /** How a job ended, as far as it is remembered. */
    record Ended(JobState state, byte @Nullable [] result) {}

    /** What was reported last of the job that was created then. */
    record Reported(long job, long number, byte[] bytes) {}

    /** Most delayed jobs that one claim promotes, so that a claim stays short after a long pause. */
    static final int PROMOTED_PER_CLAIM = 100;

    private static final Comparator<StoredJob> BY_TIME =
            Comparator.comparingLong((StoredJob job) -> job.time).thenComparing(job -> job.id, PrintableText.ORDER);

    static final long ENDED_KEPT_MILLIS = Duration.ofHours(1).toMillis();
    /** Much longer than any request lives. */
    static final long TAKEN_KEPT_MILLIS = Duration.ofHours(1).toMillis();

    static final long TOLD_KEPT_MILLIS = Duration.ofMinutes(1).toMillis();
    private static final AtomicLong QUEUES = new AtomicLong();

    /** No two queues have the same, whatever their names: a receipt is good for one. */
    long era = QUEUES.incrementAndGet();

    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    /** Of the hop that runs. */
    Notifications notifications = new Notifications();
    /** When the hop that runs takes place: one moment for everything it does, in ms. */
    long now;

    final Map<String, StoredJob> jobs = new HashMap<>();
    final ReadyJobs ready = new ReadyJobs(group -> this.limiter.limitsOf(group));
    final TreeSet<StoredJob> delayed = new TreeSet<>(BY_TIME);
    /** Jobs that wait until their places are filled; those first that were stored first. */
    final TreeSet<StoredJob> unfilled = new TreeSet<>(BY_TIME);

    final Leases leases = new Leases();
    /** Those first that died first. */
    final TreeSet<StoredJob> dead = new TreeSet<>(BY_TIME);

    /** Jobs that must have started by a time and have not, by that time. */
    final TreeSet<StoredJob> expiring = new TreeSet<>(Comparator.comparingLong((StoredJob job) -> job.expiresAt)
            .thenComparing(job -> job.id, PrintableText.ORDER));

    final UniqueKeys locks = new UniqueKeys();
    final ExpiringMap<String, Ended> ended = new ExpiringMap<>();
    /** Jobs that succeeded and are kept. */
    final KeptJobs kept = new KeptJobs();
    /** Jobs that succeeded with nothing kept, and whose end was published: whoever gets that hint asks for them. */
    final ExpiringMap<String, Boolean> told = new ExpiringMap<>();

    /** How far jobs have got. */
    final ExpiringMap<String, Reported> progress = new ExpiringMap<>();

    private boolean isRetired;

    long accepted;
    long succeeded;
    long cancelled;
    long expired;

    final QueueIntake intake = new QueueIntake(this);
    final QueueClaims claims = new QueueClaims(this);
    final QueueCompletions completions = new QueueCompletions(this);
    final QueueSweeper sweeper = new QueueSweeper(this);
    final QueueLimiter limiter = new QueueLimiter(this);
    final CountedPeriods history = new CountedPeriods();
    /** What operators do to it. */
    final QueueOperator operator = new QueueOperator(this);

    /** What operators ask of its workers. */
    final QueueCommands commands = new QueueCommands(this);

    final QueueSchedules schedules = new QueueSchedules(this);

    final QueueLookUp lookUp = new QueueLookUp(this);

    final QueueWorkflows workflows;

    MemoryQueue(String name, Clock clock) {
        this.clock = clock;
        workflows = new QueueWorkflows(name, this);
    }

    /** Gives it up if it holds nothing. Returns whether it does. */
    boolean retire() {
        lock.lock();
        try {
            now = clock.millis();
            isRetired = jobs.isEmpty()
                    && accepted == 0
                    && limiter.limits().equals(QueueLimits.NONE)
                    && operator.isBlank()
                    && schedules.count() == 0
                    && workflows.isBlank()
                    && history.isEmpty(now)
                    && locks.isEmpty(now)
                    && ended.isEmpty(now)
                    && kept.size(now) == 0
                    && told.isEmpty(now)
                    && progress.isEmpty(now)
                    && commands.isEmpty()
                    && claims.taken.isEmpty(now);
            return isRetired;
        } finally {
            lock.unlock();
        }
    }

    /** Null if it was given up: the queue has another object. */
    <V extends @Nullable Object> @Nullable Answer<V> run(Function<MemoryQueue, V> hop) {
        lock.lock();
        try {
            if (isRetired) {
                return null;
            }
            now = clock.millis();
            V value = hop.apply(this);
            return new Answer<>(value, notifications);
        } finally {
            notifications = new Notifications();
            lock.unlock();
        }
    }

    /** Takes leases apart, those first that end first, as long as they hold no more than so many jobs together. */
    List<StoredJob> takeLeases(int most) {
        List<StoredJob> taken = new ArrayList<>();
        for (Leases.Lease lease : List.copyOf(leases.inOrder())) {
            if (!taken.isEmpty() && taken.size() + lease.jobs().size() > most) {
                break;
            }
            for (StoredJob job : List.copyOf(lease.jobs())) {
                leases.takeOut(lease.token, job.id);
                left(job);
                taken.add(job);
            }
        }
        return taken;
    }

    /** Forgets what is of no single job. What is remembered of jobs that ended goes when its time is over. */
    void beginAnew() {
        era = QUEUES.incrementAndGet();
        limiter.reset();
        kept.clear();
        workflows.clear();
        history.clear();
        accepted = 0;
        succeeded = 0;
        cancelled = 0;
        expired = 0;
    }

    /** A job has just left its lease: there is room for others. */
    void left(StoredJob job) {
        if (ready.left(job) || limiter.limits().queue().concurrency() != null) {
            notifications.ready();
        }
    }

    // Where a job goes. Each of these puts it in exactly one place; the caller has taken it out of the one before.

    void readyLast(StoredJob job) {
        job.state = JobState.READY;
        ready.addLast(job);
        notifications.ready();
    }

    void readyFirst(List<StoredJob> first) {
        if (!first.isEmpty()) {
            first.forEach(job -> job.state = JobState.READY);
            ready.addFirst(first, limiter::isInOrder);
            notifications.ready();
        }
    }

    /** Its time has come: it goes to the end of its line, or to the front if none was to overtake it. */
    void due(StoredJob job) {
        delayed.remove(job);
        job.time = 0;
        if (limiter.unblock(job)) {
            job.state = JobState.READY;
            ready.addAhead(job);
            notifications.ready();
        } else {
            readyLast(job);
        }
    }

    /** A job ends; if it is delayed, those that waited for it go on. */
    void removeDelayed(StoredJob job) {
        limiter.unblock(job);
        delayed.remove(job);
        unfilled.remove(job);
    }

    /** A job waits until its places are filled. */
    void await(StoredJob job) {
        job.state = JobState.WAITING;
        job.time = now;
        unfilled.add(job);
    }

    /** The places of a job are filled: it goes to the end of its line, also if its time has not come. */
    void filled(StoredJob job) {
        unfilled.remove(job);
        due(job);
    }

    /** A job that has left its lease waits for its time. */
    void scheduleAgain(StoredJob job, long due) {
        limiter.leftToWait(job);
        schedule(job, due);
    }

    void schedule(StoredJob job, long due) {
        job.state = JobState.SCHEDULED;
        job.time = due;
        delayed.add(job);
        if (delayed.first() == job) {
            // Workers wait until the earliest job that they know of: there is an earlier one now.
            notifications.ready();
        }
    }

    /** Gives a scheduled job another time. If that is later, a window that it began ends later by as much. */
    void reschedule(StoredJob job, long due) {
        if (job.constraints.unique() != null) {
            locks.prolong(job.constraints.unique().key(), job.id, now, due - job.time);
        }
        delayed.remove(job);
        schedule(job, due);
    }

    void die(StoredJob job, byte[] failure) {
        workflows.ended(job, StepEnd.DEAD);
        job.state = JobState.DEAD;
        job.failure = failure;
        job.time = now;
        dead.add(job);
        letGo(job);
        tellEnd(job);
    }

    void cancel(StoredJob job) {
        workflows.ended(job, StepEnd.CANCELLED);
        cancelled++;
        letGo(job);
        end(job, JobState.CANCELLED);
        ended.put(job.id, new Ended(JobState.CANCELLED, null), now, ENDED_KEPT_MILLIS);
    }

    /** A job that runs again holds its key until it is done, as before. Returns whether no other job holds it. */
    boolean holdAgain(StoredJob job) {
        Unique unique = job.constraints.unique();
        if (unique == null || unique.scope() != Unique.Scope.UNTIL_DONE) {
            return true;
        }
        if (locks.holder(unique.key(), now) != null) {
            return false;
        }
        locks.take(unique, job.id, now, 0);
        return true;
    }

    /** A job that ends gives back what it holds, if it is the one that holds it. */
    void letGo(StoredJob job) {
        expiring.remove(job);
        if (job.constraints.unique() != null) {
            locks.release(job.constraints.unique().key(), job.id, now);
        }
    }

    void end(StoredJob job, JobState state) {
        job.state = state;
        jobs.remove(job.id);
        tellEnd(job);
    }

    void tellEnd(StoredJob job) {
        if (job.watched) {
            job.watched = false;
            notifications.finished(job.id);
        }
    }

    static List<StoredJob> byId(Collection<StoredJob> jobs) {
        return jobs.stream()
                .sorted(Comparator.comparing(job -> job.id, PrintableText.ORDER))
                .toList();
    }
}
