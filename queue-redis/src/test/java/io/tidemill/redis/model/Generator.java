package io.tidemill.redis.model;

import static io.tidemill.redis.model.Operation.ALL;
import static io.tidemill.redis.model.Operation.QUEUE;

import io.tidemill.broker.Completion;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.LeaseSnapshot;
import io.tidemill.broker.StoredSchedule;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.Limits;
import io.tidemill.redis.model.Operation.Add;
import io.tidemill.redis.model.Operation.Advance;
import io.tidemill.redis.model.Operation.Answered;
import io.tidemill.redis.model.Operation.Asked;
import io.tidemill.redis.model.Operation.Cancel;
import io.tidemill.redis.model.Operation.Claim;
import io.tidemill.redis.model.Operation.Complete;
import io.tidemill.redis.model.Operation.Delete;
import io.tidemill.redis.model.Operation.Enqueue;
import io.tidemill.redis.model.Operation.Expire;
import io.tidemill.redis.model.Operation.Extend;
import io.tidemill.redis.model.Operation.Fail;
import io.tidemill.redis.model.Operation.Failed;
import io.tidemill.redis.model.Operation.Find;
import io.tidemill.redis.model.Operation.Inspect;
import io.tidemill.redis.model.Operation.Job;
import io.tidemill.redis.model.Operation.Limit;
import io.tidemill.redis.model.Operation.Noted;
import io.tidemill.redis.model.Operation.Obey;
import io.tidemill.redis.model.Operation.Pages;
import io.tidemill.redis.model.Operation.Pause;
import io.tidemill.redis.model.Operation.Progressed;
import io.tidemill.redis.model.Operation.Promote;
import io.tidemill.redis.model.Operation.Purge;
import io.tidemill.redis.model.Operation.Recover;
import io.tidemill.redis.model.Operation.Redrive;
import io.tidemill.redis.model.Operation.Register;
import io.tidemill.redis.model.Operation.Release;
import io.tidemill.redis.model.Operation.RemoveSchedule;
import io.tidemill.redis.model.Operation.Reported;
import io.tidemill.redis.model.Operation.Reschedule;
import io.tidemill.redis.model.Operation.Resume;
import io.tidemill.redis.model.Operation.Run;
import io.tidemill.redis.model.Operation.Schedule;
import io.tidemill.redis.model.Operation.TakeSchedules;
import io.tidemill.redis.model.Operation.Trim;
import io.tidemill.redis.model.Operation.Twice;
import io.tidemill.redis.model.Operation.WriteSchedule;
import io.tidemill.task.JobState;
import io.tidemill.task.Unique;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes sequences of operations from a seed. It runs what it makes on a model of its own, so that it can complete what
 * is claimed and let just as much time pass as the next lease or delay takes. Names and times are few, so that they
 * meet. Each seed likes some operations and some features more than others, and does without a few: so sequences get
 * deep instead of all alike.
 *
 * <p>Long, because the operations share what the sequence has done so far.
 */
final class Generator {

    private enum Kind {
        ENQUEUE(20),
        CLAIM(14),
        COMPLETE(12),
        FAIL(8),
        RELEASE(5),
        ADVANCE(14),
        RECOVER(6),
        PROMOTE(3),
        EXPIRE(3),
        EXTEND(3),
        CANCEL(5),
        FIND(2),
        PAGES(1),
        PAUSE(2),
        REDRIVE(4),
        RESCHEDULE(3),
        DELETE(3),
        PURGE(4),
        TRIM(2),
        INSPECT(2),
        LIMIT(5),
        REGISTER(1),
        WRITE_SCHEDULE(4),
        REMOVE_SCHEDULE(1),
        TAKE_SCHEDULES(3),
        ADD(2);

        private final int weight;

        Kind(int weight) {
            this.weight = weight;
        }

        /** Without these nothing happens. */
        boolean isNeeded() {
            return compareTo(FAIL) < 0;
        }
    }

    private static final int FEWEST_IDS = 5;
    private static final int MOST_IDS = 14;
    private static final String[] SCHEDULES = {"s1", "s 2!", "\u00fc3"};
    private static final String[] GROUPS = {"a", "b c", "ü!"};
    private static final String[] KEYS = {"k1", "k 2!"};
    private static final int[] PRIORITIES = {4, 4, 4, 9, 5, 3, 0};
    private static final long[] TIMES = {50, 50, 100, 100, 150, 1000, 60_000};
    private static final long[] STEPS = {1, 10, 49, 50, 51, 100, 100, 200, 1000, 60_000, 3_600_000, 2_678_400_000L};
    /** How often a feature is used, in percent. */
    private static final int[] SHARES = {0, 0, 30, 80};

    private final SplittableRandom random;
    private final Model model = new Model();
    private final Map<Kind, Integer> weights = new EnumMap<>(Kind.class);
    private final int uniqueShare;
    private final int groupShare;
    private final int expiryShare;
    private final int delayShare;
    private final int stepShare;
    private final int orderShare;
    /** How many ids there are: where they are few, that of a job that is gone soon comes again. */
    private final int ids;
    /** How many jobs that succeeded are kept; 0 for none. */
    private final int kept;

    private final List<Run> runs = new ArrayList<>();
    private final List<Claim> claims = new ArrayList<>();
    private final List<Claim> overtaken = new ArrayList<>();
    /** What was written last of each schedule, or was to be written. */
    private final Map<String, Schedule> brought = new HashMap<>();

    private int tokens;
    private int revisions;
    /** Of its own, so that runs that note leave the rest of a sequence as it is. */
    private final SplittableRandom noting;
    /** The highest number of a note of each job. */
    private final Map<String, Long> noted = new HashMap<>();

    private Generator(long seed) {
        random = new SplittableRandom(seed);
        noting = new SplittableRandom(~seed);
        for (Kind kind : Kind.values()) {
            int liking = random.nextInt(4);
            weights.put(kind, kind.isNeeded() ? kind.weight * Math.max(1, liking) : kind.weight * liking);
        }
        uniqueShare = oneOf(SHARES);
        groupShare = oneOf(SHARES);
        expiryShare = oneOf(SHARES);
        delayShare = oneOf(SHARES);
        stepShare = oneOf(SHARES);
        orderShare = oneOf(SHARES);
        if (orderShare > 0) {
            // Order shows itself where a retry waits while others could run.
            weights.put(Kind.FAIL, 3 * Kind.FAIL.weight);
        }
        ids = FEWEST_IDS + random.nextInt(MOST_IDS - FEWEST_IDS + 1);
        kept = random.nextInt(4);
    }

    /** The same for the same seed, for ever. */
    static List<Operation> operations(long seed, int count) {
        Generator generator = new Generator(seed);
        List<Operation> operations = new ArrayList<>(count);
        boolean isNoting = seed % 4 == 3;
        boolean isControlled = seed % 4 == 2;
        if (generator.isOften(generator.orderShare)) {
            // From the beginning, or it would often come too late for a retry that keeps its place.
            operations.add(generator.done(generator.beginInOrder()));
        }
        WorkflowGenerator workflows = new WorkflowGenerator(seed, generator.model, generator.ids);
        boolean hasWorkflows = seed % 4 == 1;
        while (operations.size() < count) {
            // Of its own, so that workflows leave the rest of a sequence, and all other sequences, as they are.
            Operation workflow = hasWorkflows ? workflows.next() : null;
            if (workflow != null) {
                operations.add(generator.done(workflow));
            } else if (isNoting
                    && generator.noting.nextInt(4) == 0
                    && !generator.leases().isEmpty()) {
                operations.add(
                        generator.done(generator.noting.nextInt(3) == 0 ? generator.report() : generator.note()));
            } else if (isControlled && generator.noting.nextInt(5) == 0) {
                operations.add(generator.done(generator.control()));
            } else {
                operations.add(generator.done(generator.operation(generator.kind())));
            }
        }
        return List.copyOf(operations);
    }

    private Limit beginInOrder() {
        LimitScope scope = groupShare == 0 ? LimitScope.QUEUE : oneOf(List.of(LimitScope.QUEUE, LimitScope.GROUPS));
        return new Limit(scope, Limits.NONE.with(io.tidemill.queue.Limit.inOrder()));
    }

    /** Does it on the model. */
    private Operation done(Operation operation) {
        if (operation instanceof Advance advance) {
            model.advance(advance.millis());
        } else {
            operation.on(model.broker()).join();
        }
        return operation;
    }

    private Kind kind() {
        int at = random.nextInt(weights.values().stream().mapToInt(it -> it).sum());
        for (Map.Entry<Kind, Integer> each : weights.entrySet()) {
            at -= each.getValue();
            if (at < 0) {
                return each.getKey();
            }
        }
        throw new AssertionError("weights do not add up");
    }

    private Operation operation(Kind kind) {
        return switch (kind) {
            case ENQUEUE -> mayBeTwice(new Enqueue(some(4, this::job)));
            case CLAIM -> claim();
            case COMPLETE ->
                mayBeTwice(new Complete(
                        random.nextInt(6) == 0 ? List.of() : some(3, this::run),
                        random.nextInt(3) == 0 ? newClaim() : null));
            case FAIL -> mayBeTwice(new Fail(some(2, this::failed)));
            case RELEASE -> mayBeTwice(new Release(some(3, this::released)));
            case ADVANCE -> new Advance(step());
            case RECOVER -> new Recover(1 + random.nextInt(3), random.nextInt(3));
            case PROMOTE -> new Promote(limit());
            case EXPIRE -> new Expire(limit());
            case EXTEND -> new Extend(some(2, () -> run().token()), time());
            case CANCEL -> mayBeTwice(new Cancel(id()));
            case FIND -> new Find(id(), random.nextBoolean());
            case PAGES ->
                new Pages(
                        oneOf(List.of(
                                JobState.READY,
                                JobState.SCHEDULED,
                                JobState.ACTIVE,
                                JobState.DEAD,
                                JobState.SUCCEEDED)),
                        2 + random.nextInt(4));
            case PAUSE -> random.nextInt(3) == 0 ? new Pause() : new Resume();
            case REDRIVE ->
                mayBeTwice(new Redrive(
                        some(3, () -> new io.tidemill.broker.Redrive(dead(), random.nextBoolean() ? 0 : time()))));
            case RESCHEDULE ->
                mayBeTwice(new Reschedule(id(), random.nextBoolean() ? 0 : time(), random.nextBoolean()));
            case DELETE -> mayBeTwice(new Delete(id()));
            case PURGE ->
                mayBeTwice(new Purge(
                        oneOf(List.of(JobState.READY, JobState.SCHEDULED, JobState.DEAD, JobState.SUCCEEDED)),
                        limit()));
            case TRIM -> new Trim(random.nextInt(4), random.nextBoolean() ? time() : 3_600_000, limit());
            case INSPECT -> new Inspect(id());
            case LIMIT -> new Limit(scope(), limits());
            case REGISTER -> new Register(worker(), random.nextInt(4) == 0 ? 0 : time());
            case WRITE_SCHEDULE -> mayBeTwice(new WriteSchedule(schedule(true)));
            case REMOVE_SCHEDULE -> {
                Schedule schedule = schedule(false);
                yield mayBeTwice(new RemoveSchedule(schedule.name(), schedule.expected()));
            }
            case TAKE_SCHEDULES -> new TakeSchedules(1 + random.nextInt(3), time());
            case ADD -> mayBeTwice(new Add(random.nextInt(3), random.nextInt(3), random.nextBoolean() ? 0 : time()));
        };
    }

    private Operation mayBeTwice(Operation operation) {
        return random.nextInt(12) == 0 ? new Twice(operation) : operation;
    }

    private Job job() {
        boolean isDelayed = isOften(delayShare);
        long now = model.millis() - Model.START;
        long dueIn = isDelayed && random.nextInt(3) == 0 ? Math.max(1, (now + time()) / 50 * 50) : 0;
        return new Job(
                newId(),
                oneOf(PRIORITIES),
                isDelayed && dueIn == 0 ? time() : 0,
                dueIn,
                constraints(),
                isOften(stepShare) ? schedule(false) : null);
    }

    /**
     * Mostly one that expects what is there; sometimes the revision of the write before, which may be in the same
     * request, or one that was never there, and sometimes a write that was done before.
     *
     * @param mayBeNew whether it may expect that there is none
     */
    private Schedule schedule(boolean mayBeNew) {
        String name = oneOf(SCHEDULES);
        String there = model.broker()
                .schedules()
                .find(QUEUE, name)
                .join()
                .map(StoredSchedule::revision)
                .orElse(mayBeNew ? "" : "gone");
        Schedule before = brought.get(name);
        if (before != null && !before.expected().isEmpty() && random.nextInt(8) == 0) {
            return before;
        }
        String expected = switch (random.nextInt(8)) {
            case 0 -> "other";
            case 1, 2 -> before == null ? there : before.revision();
            default -> there;
        };
        long now = model.millis() - Model.START;
        long fireIn = random.nextInt(4) == 0 ? -1 : Math.max(0, now + time() - oneOf(TIMES));
        Schedule schedule = new Schedule(name, expected, "r" + ++revisions, fireIn);
        brought.put(name, schedule);
        return schedule;
    }

    /** Mostly one that is free. */
    private String newId() {
        String id = id();
        for (int i = 0;
                i < 5 && model.broker().lookUp().find(QUEUE, id, false).join().isPresent();
                i++) {
            id = id();
        }
        return id;
    }

    private JobConstraints constraints() {
        JobConstraints constraints = JobConstraints.NONE;
        if (isOften(uniqueShare)) {
            Unique.Scope scope = oneOf(List.of(Unique.Scope.values()));
            Duration window = scope == Unique.Scope.WINDOW ? Duration.ofMillis(time()) : Duration.ZERO;
            Unique unique = Unique.of(oneOf(KEYS), scope, window).onConflict(oneOf(List.of(Unique.Conflict.values())));
            unique = random.nextInt(3) == 0 ? unique.longestDelay(Duration.ofMillis(time())) : unique;
            unique = random.nextInt(3) == 0 ? unique.version(random.nextInt(4)) : unique;
            constraints = constraints.withUnique(unique);
        }
        if (isOften(groupShare)) {
            constraints = constraints.withGroup(oneOf(GROUPS));
        }
        return isOften(expiryShare) ? constraints.withExpiresInMillis(time()) : constraints;
    }

    /** Mostly under a new token; sometimes a copy of an earlier one, as after a lost reply, or much later. */
    private Claim claim() {
        return claims.isEmpty() || random.nextInt(8) > 0 ? newClaim() : oneOf(claims);
    }

    /** Now and then one that others have overtaken. */
    private Claim newClaim() {
        if (!overtaken.isEmpty() && random.nextInt(6) == 0) {
            return sent(overtaken.remove(0));
        }
        String worker = worker();
        tokens += random.nextInt(40) == 0 ? 60 : 1;
        Claim claim = new Claim(worker, worker + ":" + tokens, 1 + random.nextInt(5), time());
        if (random.nextInt(6) > 0) {
            return sent(claim);
        }
        overtaken.add(claim);
        return newClaim();
    }

    private Claim sent(Claim claim) {
        claims.add(claim);
        return claim;
    }

    /** Mostly one that is active; sometimes one that was, or one with a token that does not hold it. */
    private Run run() {
        List<LeaseSnapshot> leases = leases();
        int choice = random.nextInt(12);
        if (choice == 0 && !runs.isEmpty()) {
            return oneOf(runs);
        }
        if (leases.isEmpty() || choice == 1) {
            return new Run(id(), worker() + ":" + random.nextInt(tokens + 1), false, null, 0, null);
        }
        LeaseSnapshot lease = oneOf(leases);
        String id = choice == 2 ? id() : oneOf(lease.jobs());
        // What a run returned does not change when it is told again.
        int number = Integer.parseInt(id.substring(1));
        boolean hasResult = number % 3 == 0;
        long ttl = hasResult ? TIMES[number % TIMES.length] : 0;
        Run run = new Run(
                id, lease.token(), model.hasConstraints(id), hasResult ? "result of " + id : null, ttl, keep(number));
        runs.add(run);
        return run;
    }

    /** Mostly the one that follows; sometimes one that was written, one too far, or one of a job that is not held. */
    private Operation note() {
        LeaseSnapshot lease = leases().get(noting.nextInt(leases().size()));
        List<String> held = lease.jobs().stream().sorted().toList();
        String id = noting.nextInt(8) == 0 ? "j" + (1 + noting.nextInt(ids)) : held.get(noting.nextInt(held.size()));
        long last = noted.getOrDefault(id, 0L);
        long number = switch (noting.nextInt(6)) {
            case 0 -> 1 + noting.nextLong(Math.max(1, last));
            case 1 -> last + 2;
            default -> last + 1;
        };
        noted.put(id, Math.max(last, number));
        int stays = noting.nextBoolean() ? 0 : noting.nextInt(6);
        Operation note = new Noted(id, lease.token(), number, stays, "n" + number);
        return noting.nextInt(4) == 0 ? new Twice(note) : note;
    }

    /** Of one of two jobs that were created with the id, with a number that is higher or not; or a look at it. */
    private Operation report() {
        LeaseSnapshot lease = leases().get(noting.nextInt(leases().size()));
        List<String> held = lease.jobs().stream().sorted().toList();
        String id = noting.nextInt(8) == 0 ? "j" + (1 + noting.nextInt(ids)) : held.get(noting.nextInt(held.size()));
        if (noting.nextInt(3) == 0) {
            return new Progressed(id);
        }
        long created = 1_000 + noting.nextInt(2);
        long number = 1 + noting.nextInt(5);
        return new Reported(id, lease.token(), created, number, "r" + created + "-" + number);
    }

    /** Of one of few commands, for one of two workers, which may be listed or not. */
    private Operation control() {
        String worker = noting.nextBoolean() ? "w1" : "w2";
        String id = "c" + (1 + noting.nextInt(4));
        long time = TIMES[noting.nextInt(TIMES.length)];
        return switch (noting.nextInt(5)) {
            case 0 -> new Register(worker, noting.nextInt(6) == 0 ? 0 : time);
            case 1, 2 -> new Asked(worker, id, time);
            case 3 -> new Obey(worker, id);
            default -> new Answered(id);
        };
    }

    private Completion.@Nullable Keep keep(int number) {
        boolean isKept = kept > 0 && number % 2 == 0;
        return isKept ? new Completion.Keep(TIMES[number % TIMES.length], kept, number) : null;
    }

    private Failed failed() {
        Run run = run();
        Operation.Kind kind = isOften(orderShare)
                ? Operation.Kind.RETRY
                : oneOf(List.of(
                        Operation.Kind.RETRY,
                        Operation.Kind.RETRY,
                        Operation.Kind.DEAD,
                        Operation.Kind.DEAD,
                        Operation.Kind.CANCELLED));
        boolean waits = kind == Operation.Kind.RETRY && random.nextInt(4) > 0;
        return new Failed(kind, run.id(), run.token(), waits ? time() : 0);
    }

    private Completion.Release released() {
        Run run = run();
        return new Completion.Release(run.id(), run.token(), random.nextBoolean() ? 0 : time());
    }

    /** Often exactly as long as the next delay or lease takes, or about. */
    private long step() {
        List<Long> ends = new ArrayList<>();
        model.broker()
                .lists()
                .list(QUEUE, JobState.SCHEDULED, 0, ALL)
                .join()
                .forEach(job -> ends.add(job.timeMillis()));
        leases().forEach(lease -> ends.add(lease.endsMillis()));
        model.broker()
                .schedules()
                .list(QUEUE, 0, SCHEDULES.length)
                .join()
                .forEach(schedule -> ends.add(schedule.fireAtMillis()));
        ends.replaceAll(end -> end - model.millis() + random.nextInt(3) - 1);
        ends.removeIf(millis -> millis <= 0);
        return ends.isEmpty() || random.nextBoolean() ? oneOf(STEPS) : oneOf(ends);
    }

    private String dead() {
        List<JobSnapshot> dead =
                model.broker().lists().list(QUEUE, JobState.DEAD, 0, ALL).join();
        return dead.isEmpty() || random.nextInt(8) == 0 ? id() : oneOf(dead).id();
    }

    private LimitScope scope() {
        return switch (random.nextInt(3)) {
            case 0 -> LimitScope.QUEUE;
            case 1 -> LimitScope.GROUPS;
            default -> LimitScope.group(oneOf(GROUPS));
        };
    }

    private @Nullable Limits limits() {
        if (random.nextInt(4) == 0) {
            return null;
        }
        Limits limits = Limits.NONE;
        if (random.nextInt(3) > 0) {
            limits = limits.with(
                    isOften(orderShare)
                            ? io.tidemill.queue.Limit.inOrder()
                            : io.tidemill.queue.Limit.concurrency(1 + random.nextInt(3)));
        }
        if (random.nextInt(3) == 0) {
            limits = limits.with(io.tidemill.queue.Limit.rate(1 + random.nextInt(3), Duration.ofMillis(oneOf(TIMES)))
                    .burst(1 + random.nextInt(3)));
        }
        return limits;
    }

    private List<LeaseSnapshot> leases() {
        return model.broker().operations().leases(QUEUE, ALL).join();
    }

    private String id() {
        return "j" + (1 + random.nextInt(ids));
    }

    private String worker() {
        return random.nextBoolean() ? "w1" : "w2";
    }

    private int limit() {
        return random.nextBoolean() ? ALL : 1 + random.nextInt(3);
    }

    private long time() {
        return oneOf(TIMES);
    }

    private boolean isOften(int share) {
        return random.nextInt(100) < share;
    }

    private <T> List<T> some(int most, Supplier<T> each) {
        List<T> some = new ArrayList<>();
        for (int left = 1 + random.nextInt(most); left > 0; left--) {
            some.add(each.get());
        }
        return List.copyOf(some);
    }

    private <T> T oneOf(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    private String oneOf(String[] all) {
        return all[random.nextInt(all.length)];
    }

    private int oneOf(int[] all) {
        return all[random.nextInt(all.length)];
    }

    private long oneOf(long[] all) {
        return all[random.nextInt(all.length)];
    }
}
