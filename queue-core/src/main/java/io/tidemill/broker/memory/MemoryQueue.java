package io.tidemill.broker.memory;

import io.tidemill.queue.CancelReply;
import io.tidemill.broker.Broker;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.CompleteReply;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.ExtendReply;
import io.tidemill.broker.Inspection;
import io.tidemill.broker.JobBrief;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.Limits;
import io.tidemill.broker.NewJob;
import io.tidemill.queue.QueueCounts;
import io.tidemill.queue.QueueLimits;
import io.tidemill.broker.RecoverReply;
import io.tidemill.broker.Survey;
import io.tidemill.task.JobState;
import io.tidemill.queue.Limit;
import io.tidemill.task.Unique;
import io.tidemill.time.Clock;
import io.tidemill.text.PrintableText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One queue: the specification of each hop of the port, in plain collections.
 *
 * <p>A job is in exactly one place: {@link #ready}, {@link #delayed}, {@link #leases}, {@link #dead}, or it has ended
 * and is at most remembered in {@link #ended} or {@link #kept}. {@link #jobs} finds those that have not, and the dead.
 * {@link #locks} and {@link #expiring} say more about jobs in those places.
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
    private record Ended(JobState state, byte @Nullable [] result) {}

    /** Most delayed jobs that one claim promotes, so that a claim stays short after a long pause. */
    private static final int PROMOTED_PER_CLAIM = 100;

    private static final Comparator<StoredJob> BY_TIME =
            Comparator.comparingLong((StoredJob job) -> job.time).thenComparing(job -> job.id, PrintableText.ORDER);

    private static final long ENDED_KEPT_MILLIS = Duration.ofHours(1).toMillis();
    /** Much longer than any request lives. */
    private static final long TAKEN_KEPT_MILLIS = Duration.ofHours(1).toMillis();

    private static final long TOLD_KEPT_MILLIS = Duration.ofMinutes(1).toMillis();
    private static final AtomicLong QUEUES = new AtomicLong();

    /** No two queues have the same, whatever their names: a receipt is good for one. */
    private long era = QUEUES.incrementAndGet();

    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    /** Of the hop that runs. */
    Notifications notifications = new Notifications();
    /** When the hop that runs takes place: one moment for everything it does, in ms. */
    long now;

    final Map<String, StoredJob> jobs = new HashMap<>();
    final ReadyJobs ready = new ReadyJobs(this::limitsOf);
    final TreeSet<StoredJob> delayed = new TreeSet<>(BY_TIME);
    final Leases leases = new Leases();
    /** Jobs of the enqueue that runs which may run at once. */
    private final Set<StoredJob> arriving = new LinkedHashSet<>();
    /** Those first that died first. */
    final TreeSet<StoredJob> dead = new TreeSet<>(BY_TIME);

    /** Jobs that must have started by a time and have not, by that time. */
    private final TreeSet<StoredJob> expiring = new TreeSet<>(
            Comparator.comparingLong((StoredJob job) -> job.expiresAt).thenComparing(job -> job.id, PrintableText.ORDER));

    private final UniqueKeys locks = new UniqueKeys();
    private final ExpiringMap<String, Ended> ended = new ExpiringMap<>();
    /** Jobs that succeeded and are kept. */
    final KeptJobs kept = new KeptJobs();
    /** Which claims have come, by worker. */
    private final ExpiringMap<String, TakenNumbers> taken = new ExpiringMap<>();
    /** Jobs that succeeded with nothing kept, and whose end was told: whoever hears of it looks. */
    private final ExpiringMap<String, Boolean> told = new ExpiringMap<>();

    private boolean isRetired;
    private QueueLimits limits = QueueLimits.NONE;
    /** When the queue as a whole may start its next job. */
    private RateLimiter pace = new RateLimiter();

    private long accepted;
    private long succeeded;
    private long cancelled;
    private long expired;

    /** What operators do to it. */
    final QueueOperator operator = new QueueOperator(this);

    MemoryQueue(Clock clock) {
        this.clock = clock;
    }

    /** Gives it up if it holds nothing. Returns whether it does. */
    boolean retire() {
        lock.lock();
        try {
            now = clock.millis();
            isRetired = jobs.isEmpty()
                    && accepted == 0
                    && limits.equals(QueueLimits.NONE)
                    && operator.isBlank()
                    && locks.isEmpty(now)
                    && ended.isEmpty(now)
                    && kept.size(now) == 0
                    && told.isEmpty(now)
                    && taken.isEmpty(now);
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

    /** One after the other; those that may run go to their lines when it is settled which of them stay. */
    List<EnqueueReply> enqueue(List<NewJob> newJobs) {
        // As things stood before: of two jobs of one call the second may replace the first.
        String receipt = receipt();
        List<EnqueueReply> replies = newJobs.stream()
                .map(this::enqueue)
                .map(reply -> reply instanceof EnqueueReply.Accepted stored
                        ? new EnqueueReply.Accepted(stored.replaced(), receipt)
                        : reply)
                .toList();
        arriving.forEach(this::readyLast);
        arriving.clear();
        return replies;
    }

    private EnqueueReply enqueue(NewJob newJob) {
        if (isKnown(newJob.id())) {
            return new EnqueueReply.Duplicate(newJob.id());
        }
        long due = Math.max(now + newJob.delayMillis(), newJob.dueMillis());
        Unique unique = newJob.constraints().unique();
        String holder = unique == null ? null : locks.holder(unique.key(), now);
        EnqueueReply reply = unique == null || holder == null ? EnqueueReply.ACCEPTED : conflict(unique, holder, due);
        if (reply instanceof EnqueueReply.Accepted) {
            store(newJob, due);
        }
        return reply;
    }

    private boolean isKnown(String id) {
        return jobs.containsKey(id) || ended.find(id, now) != null || kept.find(id, now) != null;
    }

    private void store(NewJob newJob, long due) {
        accepted++;
        StoredJob job = new StoredJob(newJob, now);
        jobs.put(job.id, job);
        told.remove(job.id);
        if (job.constraints.unique() != null) {
            locks.take(job.constraints.unique(), job.id, now, Math.max(0, due - now));
        }
        if (job.expiresAt > 0) {
            expiring.add(job);
        }
        if (due > now) {
            schedule(job, due);
        } else {
            arriving.add(job);
        }
    }

    /**
     * What becomes of a job that is due then and whose key another holds. A holder that is not there has succeeded; the
     * job that has its id now does not name the key.
     */
    private EnqueueReply conflict(Unique wanted, String holder, long due) {
        StoredJob existing = jobs.get(holder);
        if (existing == null || !existing.names(wanted.key())) {
            return new EnqueueReply.Duplicate(holder);
        }
        if (wanted.conflict() == Unique.Conflict.REPLACE && existing.isWaiting()) {
            drop(existing);
            return new EnqueueReply.Accepted(holder);
        }
        if (wanted.conflict() == Unique.Conflict.RESCHEDULE && existing.state == JobState.SCHEDULED) {
            reschedule(existing, due);
            return new EnqueueReply.Rescheduled(holder);
        }
        return new EnqueueReply.Duplicate(holder);
    }

    /** A token is taken once. Afterwards it answers with what it still holds, as the answer may have been lost. */
    ClaimReply claim(ClaimRequest request) {
        if (isTaken(request)) {
            Leases.Lease held = leases.find(request.token());
            return new ClaimReply(held == null ? List.of() : claims(byId(held.jobs()), request.token()), 0);
        }
        promoteDue(PROMOTED_PER_CLAIM);
        return take(request);
    }

    private boolean isTaken(ClaimRequest request) {
        TakenNumbers numbers = taken.find(request.worker(), now);
        return leases.find(request.token()) != null
                || (request.number() > 0 && numbers != null && numbers.isTaken(request.number()));
    }

    private void remember(ClaimRequest request) {
        if (request.number() > 0) {
            TakenNumbers known = taken.find(request.worker(), now);
            TakenNumbers numbers = known == null ? new TakenNumbers() : known;
            numbers.take(request.number());
            taken.put(request.worker(), numbers, now, TAKEN_KEPT_MILLIS);
        }
    }

    private ClaimReply take(ClaimRequest request) {
        remember(request);
        List<JobBrief> late = expire(Integer.MAX_VALUE);
        List<StoredJob> batch = List.of();
        if (!operator.isPaused()) {
            batch = ready.take(Math.min(request.limit(), room()), now);
            batch.forEach(this::start);
            if (!batch.isEmpty()) {
                if (limits.queue().rate() != null) {
                    pace.start(limits.queue().rate(), batch.size(), now);
                }
                leases.add(request.token(), now + request.leaseMillis(), batch);
            }
        }
        return new ClaimReply(claims(batch, request.token()), moreIn(), late);
    }

    private void start(StoredJob job) {
        job.state = JobState.ACTIVE;
        expiring.remove(job);
        Unique unique = job.constraints.unique();
        if (unique != null && unique.scope() == Unique.Scope.UNTIL_STARTED) {
            locks.release(unique.key(), job.id, now);
        }
    }

    /** How many jobs the limits of the queue as a whole let a claim take. */
    private int room() {
        return Math.min(runRoom(), startRoom());
    }

    private int runRoom() {
        Limit.Concurrency most = limits.queue().concurrency();
        return most == null ? Integer.MAX_VALUE : Math.max(0, most.jobs() - leases.size());
    }

    private int startRoom() {
        Limit.Rate rate = limits.queue().rate();
        return rate == null ? Integer.MAX_VALUE : pace.room(rate, now);
    }

    CompleteReply complete(List<Completion.Succeeded> runs, @Nullable ClaimRequest next) {
        if (next == null || isTaken(next)) {
            List<CompletionReply> settled = succeed(runs);
            return new CompleteReply(settled, next == null ? null : claim(next));
        }
        // What was due before goes ahead of groups that this very call makes room for.
        promoteDue(PROMOTED_PER_CLAIM);
        List<CompletionReply> settled = succeed(runs);
        return new CompleteReply(settled, take(next));
    }

    private List<CompletionReply> succeed(List<Completion.Succeeded> runs) {
        List<CompletionReply> settled = settle(runs, this::succeed);
        runs.stream()
                .map(Completion.Succeeded::keep)
                .filter(Objects::nonNull)
                .mapToLong(Completion.Keep::newest)
                .max()
                .ifPresent(newest -> kept.trim(newest, Broker.MAX_BATCH, now));
        return settled;
    }

    List<CompletionReply> fail(List<Completion.Failed> runs) {
        return settle(runs, this::failed);
    }

    List<CompletionReply> release(List<Completion.Release> runs) {
        List<StoredJob> first = new ArrayList<>();
        List<CompletionReply> replies = settle(runs, (job, run) -> release(job, run, first));
        readyFirst(first);
        return replies;
    }

    List<ExtendReply> extend(List<String> tokens, long leaseMillis) {
        return tokens.stream().map(token -> extend(token, leaseMillis)).toList();
    }

    private ExtendReply extend(String token, long leaseMillis) {
        Leases.Lease lease = leases.find(token);
        if (lease == null) {
            return ExtendReply.ENDED;
        }
        leases.extend(lease, now + leaseMillis);
        Set<String> toCancel = new LinkedHashSet<>();
        for (StoredJob job : lease.jobs()) {
            if (job.cancelRequested) {
                toCancel.add(job.id);
            }
        }
        return toCancel.isEmpty() ? ExtendReply.ALIVE : new ExtendReply(true, toCancel);
    }

    int promote(int limit) {
        int promoted = promoteDue(limit);
        if (ready.unpark(now)) {
            notifications.ready();
        }
        return promoted;
    }

    private int promoteDue(int limit) {
        int promoted = 0;
        while (promoted < limit && !delayed.isEmpty() && delayed.first().time <= now) {
            StoredJob job = delayed.first();
            delayed.remove(job);
            job.time = 0;
            readyLast(job);
            promoted++;
        }
        return promoted;
    }

    RecoverReply recover(int limit, int maxLostLeases, byte[] failure) {
        List<StoredJob> recovered = new ArrayList<>();
        List<JobBrief> died = new ArrayList<>();
        List<Leases.Lease> ended = leases.takeEnded(now, limit);
        List<StoredJob> lost = new ArrayList<>();
        ended.forEach(lease -> lost.addAll(lease.jobs()));
        for (StoredJob job : byId(lost)) {
            left(job);
            job.lostLeases++;
            if (job.cancelRequested) {
                cancelled(job);
            } else if (job.lostLeases > maxLostLeases) {
                die(job, failure);
                died.add(job.brief());
            } else {
                recovered.add(job);
            }
        }
        readyFirst(recovered);
        return new RecoverReply(recovered.stream().map(StoredJob::brief).toList(), died, ended.size() == limit);
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
        limits = QueueLimits.NONE;
        pace = new RateLimiter();
        kept.clear();
        accepted = 0;
        succeeded = 0;
        cancelled = 0;
        expired = 0;
    }

    Survey survey() {
        boolean isDue = (!delayed.isEmpty() && delayed.first().time <= now)
                || (!expiring.isEmpty() && expiring.first().expiresAt <= now)
                || leases.hasEnded(now)
                || ready.moreInMillis(now) == 0
                || ready.waitsForRoom();
        return new Survey(!operator.isPaused() && ready.hasNext(now), isDue, !dead.isEmpty());
    }

    CancelReply cancel(String id) {
        StoredJob job = jobs.get(id);
        if (job == null || job.state == JobState.DEAD) {
            return CancelReply.NOT_FOUND;
        }
        if (job.state == JobState.ACTIVE) {
            job.cancelRequested = true;
            notifications.cancelRequested(id);
            return CancelReply.REQUESTED;
        }
        drop(job);
        return CancelReply.CANCELLED;
    }

    /** Cancels a job that waits to run. */
    private void drop(StoredJob job) {
        boolean wasReady = job.state == JobState.READY && !arriving.remove(job);
        delayed.remove(job);
        cancelled(job);
        if (wasReady) {
            ready.endedOne();
        }
    }

    List<JobBrief> expire(int limit) {
        List<JobBrief> late = new ArrayList<>();
        while (late.size() < limit && !expiring.isEmpty() && expiring.first().expiresAt <= now) {
            StoredJob job = expiring.first();
            boolean wasReady = job.state == JobState.READY;
            delayed.remove(job);
            expired++;
            letGo(job);
            end(job, JobState.EXPIRED);
            ended.put(job.id, new Ended(JobState.EXPIRED, null), now, ENDED_KEPT_MILLIS);
            if (wasReady) {
                ready.endedOne();
            }
            late.add(job.brief());
        }
        return late;
    }

    Optional<JobSnapshot> find(String id, boolean watch, @Nullable String receipt) {
        StoredJob job = jobs.get(id);
        if (job != null && !job.state.isFinal()) {
            job.watched |= watch;
        }
        Optional<JobSnapshot> kept = kept(id);
        return kept.isEmpty() && (told.find(id, now) != null || provesSuccess(receipt))
                ? Optional.of(snapshot(id, new Ended(JobState.SUCCEEDED, null)))
                : kept;
    }

    /** What is kept of a job. */
    Optional<JobSnapshot> kept(String id) {
        StoredJob job = jobs.get(id);
        if (job != null) {
            return Optional.of(job.snapshot());
        }
        Ended end = ended.find(id, now);
        JobSnapshot whole = kept.find(id, now);
        return whole != null
                ? Optional.of(whole.withResult(end == null ? null : end.result))
                : Optional.ofNullable(end).map(it -> snapshot(id, it));
    }

    /** How things stand: what tells later whether a job that is gone may have gone without having succeeded. */
    private String receipt() {
        return String.join(
                ":",
                Long.toString(era),
                Long.toString(operator.removed()),
                Long.toString(cancelled + expired),
                Long.toString(now));
    }

    /** Whether a job that was stored then and is gone can have gone in one way only. */
    private boolean provesSuccess(@Nullable String receipt) {
        if (receipt == null) {
            return false;
        }
        String[] then = receipt.split(":", -1);
        String[] today = receipt().split(":", -1);
        long age = now - Long.parseLong(then[3]);
        // Those that were cancelled or have expired are remembered for some time.
        boolean areRemembered = age >= 0 && age < ENDED_KEPT_MILLIS;
        return then[0].equals(today[0]) && then[1].equals(today[1]) && (areRemembered || then[2].equals(today[2]));
    }

    QueueCounts counts() {
        return new QueueCounts(
                ready.size(),
                delayed.size(),
                leases.jobs().size(),
                dead.size(),
                accepted,
                succeeded,
                cancelled,
                expired,
                operator.removed(),
                kept.size(now));
    }

    List<JobSnapshot> list(JobState state, int offset, int limit) {
        Stream<JobSnapshot> all = state == JobState.SUCCEEDED
                ? kept.inOrder(now).stream()
                : inOrder(state).stream().map(StoredJob::snapshot);
        return all.skip(offset).limit(limit).toList();
    }

    @Nullable
    Void limit(LimitScope scope, @Nullable Limits value) {
        Limits set = value == null ? Limits.NONE : value;
        QueueLimits before = limits;
        if (scope instanceof LimitScope.Group group) {
            Map<String, Limits> overrides = new HashMap<>(limits.overrides());
            if (value == null) {
                overrides.remove(group.name());
            } else {
                overrides.put(group.name(), value);
            }
            limits = new QueueLimits(limits.queue(), limits.groups(), overrides);
        } else if (scope instanceof LimitScope.Groups) {
            limits = new QueueLimits(limits.queue(), set, limits.overrides());
        } else {
            limits = new QueueLimits(set, limits.groups(), limits.overrides());
        }
        if (!limits.equals(before)) {
            if (scope instanceof LimitScope.Group group) {
                ready.limitChanged(group.name());
            } else if (scope instanceof LimitScope.Groups) {
                ready.limitsChanged();
            }
            notifications.ready();
        }
        return null;
    }

    QueueLimits limits() {
        return limits;
    }

    private Limits limitsOf(String group) {
        return limits.of(group);
    }

    private Collection<StoredJob> inOrder(JobState state) {
        return switch (state) {
            case READY -> ready.inOrder();
            case SCHEDULED -> delayed;
            case ACTIVE -> leases.jobs();
            case DEAD -> dead.descendingSet();
            case WAITING, SUCCEEDED, CANCELLED, EXPIRED ->
                throw new IllegalArgumentException("no place holds jobs that are " + state);
        };
    }

    // What a run that ended makes of its job.

    private interface Settlement<C> {
        CompletionReply apply(StoredJob job, C run);
    }

    /**
     * Applies each completion whose token holds the job. Under a token that held others when the call came, a job that
     * is missing was settled before, since a job leaves a lease that stands only by being settled. Under a token that
     * held nothing it is stale: somebody else may have the job.
     */
    private <C extends Completion> List<CompletionReply> settle(List<C> runs, Settlement<C> settlement) {
        Set<String> standing = new HashSet<>();
        for (C run : runs) {
            if (leases.find(run.token()) != null) {
                standing.add(run.token());
            }
        }
        List<CompletionReply> replies = new ArrayList<>(runs.size());
        for (C run : runs) {
            StoredJob job = leases.takeOut(run.token(), run.id());
            if (job != null) {
                left(job);
                replies.add(settlement.apply(job, run));
            } else {
                replies.add(standing.contains(run.token()) ? CompletionReply.SETTLED : CompletionReply.STALE);
            }
        }
        return replies;
    }

    /** A job has just left its lease: there is room for others. */
    private void left(StoredJob job) {
        if (ready.left(job) || limits.queue().concurrency() != null) {
            notifications.ready();
        }
    }

    private CompletionReply succeed(StoredJob job, Completion.Succeeded run) {
        succeeded++;
        Unique unique = job.constraints.unique();
        if (unique == null || unique.scope() != Unique.Scope.WINDOW) {
            letGo(job);
        }
        if (run.result() == null && job.watched) {
            told.put(job.id, true, now, TOLD_KEPT_MILLIS);
        }
        if (run.keep() != null) {
            kept.add(job.snapshot().succeeded(now, run.keep().ranMillis()), now + run.keep().millis());
        }
        end(job, JobState.SUCCEEDED);
        if (run.result() != null) {
            ended.put(job.id, new Ended(JobState.SUCCEEDED, run.result()), now, run.resultTtlMillis());
        }
        return CompletionReply.SETTLED;
    }

    private CompletionReply failed(StoredJob job, Completion.Failed run) {
        if (run instanceof Completion.Cancelled) {
            cancelled(job);
        } else if (job.cancelRequested) {
            cancelled(job);
            return CompletionReply.CANCELLED;
        } else if (run instanceof Completion.Retry retry) {
            job.failures++;
            job.failure = retry.failure();
            schedule(job, now + retry.delayMillis());
        } else if (run instanceof Completion.Dead last) {
            job.failures++;
            die(job, last.failure());
        }
        return CompletionReply.SETTLED;
    }

    private CompletionReply release(StoredJob job, Completion.Release run, List<StoredJob> first) {
        job.releases++;
        if (job.cancelRequested) {
            cancelled(job);
            return CompletionReply.CANCELLED;
        }
        if (run.delayMillis() > 0) {
            schedule(job, now + run.delayMillis());
        } else {
            first.add(job);
        }
        return CompletionReply.SETTLED;
    }

    // Where a job goes. Each of these puts it in exactly one place; the caller has taken it out of the one before.

    void readyLast(StoredJob job) {
        job.state = JobState.READY;
        ready.addLast(job);
        notifications.ready();
    }

    private void readyFirst(List<StoredJob> first) {
        if (!first.isEmpty()) {
            first.forEach(job -> job.state = JobState.READY);
            ready.addFirst(first);
            notifications.ready();
        }
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

    private void die(StoredJob job, byte[] failure) {
        job.state = JobState.DEAD;
        job.failure = failure;
        job.time = now;
        dead.add(job);
        letGo(job);
        tellEnd(job);
    }

    private void cancelled(StoredJob job) {
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

    /** What holds a ready job up: a limit of its group, or of the queue; null if none does. */
    Inspection.@Nullable HeldUp limitOn(StoredJob job) {
        String group = job.constraints.group();
        long until = group == null ? now : ready.servableAt(group, now);
        if (until > now) {
            return new Inspection.HeldUp(group, until == Group.UNTIL_ROOM ? 0 : until);
        }
        if (runRoom() == 0) {
            return new Inspection.HeldUp(null, 0);
        }
        Limit.Rate rate = limits.queue().rate();
        long wait = rate == null ? 0 : pace.waitMillis(rate, now);
        return wait > 0 ? new Inspection.HeldUp(null, now + wait) : null;
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

    // What is answered.

    private static List<Claim> claims(List<StoredJob> jobs, String token) {
        return jobs.stream().map(job -> job.claim(token)).toList();
    }

    private long moreIn() {
        if (operator.isPaused()) {
            // Whoever resumes tells.
            return ClaimReply.NOTHING_MORE;
        }
        boolean hasNext = ready.hasNext(now);
        if (runRoom() == 0) {
            // Whoever makes room tells.
            return ClaimReply.NOTHING_MORE;
        }
        long moreIn = delayed.isEmpty() ? ClaimReply.NOTHING_MORE : Math.max(0, delayed.first().time - now);
        if (hasNext) {
            moreIn = 0;
        } else {
            moreIn = sooner(moreIn, ready.moreInMillis(now));
        }
        Limit.Rate rate = limits.queue().rate();
        return rate == null || moreIn == ClaimReply.NOTHING_MORE
                ? moreIn
                : Math.max(moreIn, pace.waitMillis(rate, now));
    }

    private static long sooner(long one, long other) {
        if (one == ClaimReply.NOTHING_MORE || other == ClaimReply.NOTHING_MORE) {
            return Math.max(one, other);
        }
        return Math.min(one, other);
    }

    private static JobSnapshot snapshot(String id, Ended end) {
        return JobSnapshot.ended(id, end.state, end.result);
    }

    private static List<StoredJob> byId(Collection<StoredJob> jobs) {
        return jobs.stream().sorted(Comparator.comparing(job -> job.id, PrintableText.ORDER)).toList();
    }
}
