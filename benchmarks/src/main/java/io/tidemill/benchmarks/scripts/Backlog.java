package io.tidemill.benchmarks.scripts;

import io.tidemill.broker.Broker;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.Completion;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.LeaseSnapshot;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.ScheduleStep;
import io.tidemill.broker.StoredSchedule;
import io.tidemill.queue.LimitScope;
import io.tidemill.task.Priority;
import io.tidemill.text.JobIds;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/**
 * A queue with many jobs, and what it takes to bring it where a script has the most to do.
 *
 * <p>Not thread-safe.
 */
final class Backlog {

    static final int BATCH = Broker.MAX_BATCH;
    static final byte[] FAILURE =
            "{\"type\":\"java.io.IOException\",\"message\":\"refused\",\"trace\":\"at Mail.send\"}"
                    .getBytes(StandardCharsets.US_ASCII);
    static final long LEASE_MILLIS = 3_600_000;
    /** Not due while anybody measures. */
    static final long FAR = 9_000_000_000_000L;
    /** What is kept of a schedule: its definition, and its last runs. */
    private static final byte[] SCHEDULE = new byte[500];

    private static final byte[] BODY =
            "{\"task\":\"mail\"}\n[{\"to\":\"user@example.com\",\"subject\":\"Welcome\",\"n\":1}]"
                    .getBytes(StandardCharsets.US_ASCII);
    private static final int SECONDS = 60;
    private static final int MOST_CLAIMS = 100;
    private static final long HOUR_MILLIS = 3_600_000;

    private final Broker broker;
    private final String queue;
    private final JobIds ids = new JobIds(System::currentTimeMillis);

    Backlog(Broker broker, String queue) {
        this.broker = broker;
        this.queue = queue;
    }

    Broker broker() {
        return broker;
    }

    String queue() {
        return queue;
    }

    /** Only ready jobs of the default priority. */
    void fillPlain(int jobs) {
        store(jobs, i -> plain());
    }

    /**
     * Four tenths plain, two in groups, two delayed, one of other priorities, one dead; and beside them a tenth as many
     * schedules.
     */
    void fillMixed(int jobs, int groups) {
        for (int dead = 0; dead < jobs / 10; dead += BATCH) {
            store(BATCH, i -> plain());
            fail(claim(BATCH));
        }
        schedule("schedule-", jobs / 10, FAR);
        store(jobs / 10 * 4, i -> plain());
        store(jobs / 10 * 2, i -> plain().with(JobConstraints.NONE.withGroup("customer-" + i % groups)));
        store(jobs / 10 * 2, i -> plain().after(HOUR_MILLIS + i));
        store(jobs / 10, i -> NewJob.now(ids.next(), BODY, i % 2 == 0 ? 9 : 1));
    }

    /** So many schedules, whose names begin so. */
    void schedule(String names, int schedules, long fireAt) {
        List<CompletableFuture<Boolean>> writes = new ArrayList<>();
        for (int i = 0; i < schedules; i++) {
            writes.add(broker.schedules()
                    .write(queue, Optional.empty(), new StoredSchedule(names + i, "revision-1", fireAt + i, SCHEDULE)));
        }
        writes.forEach(Backlog::get);
    }

    /** The first step of such a schedule. */
    ScheduleStep step(String name) {
        return new ScheduleStep("revision-1", new StoredSchedule(name, "revision-2", FAR, SCHEDULE));
    }

    /** Stores what calls have taken away, so that the next one finds a queue as long as this one did. */
    void topUp(int ready, int groups) {
        int missing = ready - (int) get(broker.lists().counts(queue)).ready();
        store(
                Math.max(0, missing),
                i -> i % 2 == 0 || groups == 0
                        ? plain()
                        : plain().with(JobConstraints.NONE.withGroup("customer-" + i % groups)));
    }

    /** Completes what calls have claimed. */
    void giveBack() {
        for (List<LeaseSnapshot> held = held(); !held.isEmpty(); held = held()) {
            List<Completion.Succeeded> ended = new ArrayList<>();
            for (LeaseSnapshot lease : held) {
                lease.jobs()
                        .forEach(id ->
                                ended.add(new Completion.Succeeded(id, lease.token(), null, 0, "constrained", null)));
            }
            for (int from = 0; from < ended.size(); from += BATCH) {
                get(broker.complete(queue, ended.subList(from, Math.min(ended.size(), from + BATCH)), null));
            }
        }
    }

    private List<LeaseSnapshot> held() {
        return get(broker.operations().leases(queue, BATCH));
    }

    /** Frees groups of what a case limits them by. */
    void unlimit() {
        get(broker.limits().limit(queue, LimitScope.GROUPS, null));
    }

    int ready() {
        return (int) get(broker.lists().counts(queue)).ready();
    }

    NewJob plain() {
        return NewJob.now(ids.next(), BODY, Priority.DEFAULT);
    }

    /** Makes so many jobs and stores them; returns their ids. */
    List<String> store(int jobs, IntFunction<NewJob> job) {
        List<String> stored = new ArrayList<>(jobs);
        for (int from = 0; from < jobs; from += BATCH) {
            List<NewJob> slice = make(Math.min(BATCH, jobs - from), from, job);
            slice.forEach(each -> stored.add(each.id()));
            get(broker.enqueue(queue, slice));
        }
        return stored;
    }

    List<NewJob> make(int jobs, int from, IntFunction<NewJob> job) {
        List<NewJob> made = new ArrayList<>(jobs);
        for (int i = 0; i < jobs; i++) {
            made.add(job.apply(from + i));
        }
        return made;
    }

    ClaimRequest request(int limit, long leaseMillis) {
        return new ClaimRequest("worker", "worker:" + ids.next(), limit, leaseMillis);
    }

    /** Claims some jobs. A claim that comes across many that have ended may bring none, and is made again. */
    List<Claim> claim(int limit) {
        List<Claim> claims = List.of();
        for (int i = 0; i < MOST_CLAIMS && claims.isEmpty(); i++) {
            claims = get(broker.claim(queue, request(limit, LEASE_MILLIS))).claims();
        }
        return claims;
    }

    /**
     * Claims jobs under so many leases that end at once. A claim that arrives when its lease would be over is not done;
     * on a busy machine that happens, and it is made again.
     */
    void claimForAMoment(int leases, int limit) {
        List<CompletableFuture<ClaimReply>> claims = new ArrayList<>();
        for (int i = 0; i < leases; i++) {
            claims.add(briefClaim(limit, MOST_CLAIMS));
        }
        claims.forEach(Backlog::get);
    }

    private CompletableFuture<ClaimReply> briefClaim(int limit, int tries) {
        CompletableFuture<ClaimReply> claim = broker.claim(queue, request(limit, 1));
        return tries == 1 ? claim : claim.exceptionallyCompose(late -> briefClaim(limit, tries - 1));
    }

    /** Makes dead jobs of claimed ones. */
    void fail(List<Claim> claims) {
        List<Completion.Failed> ended = new ArrayList<>();
        claims.forEach(claim -> ended.add(new Completion.Dead(claim.id(), claim.token(), FAILURE)));
        get(broker.fail(queue, ended));
    }

    /** Leases of one job each. */
    List<Claim> leases(int count) {
        List<CompletableFuture<List<Claim>>> claims = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            claims.add(broker.claim(queue, request(1, LEASE_MILLIS)).thenApply(reply -> reply.claims()));
            if (i % BATCH == BATCH - 1) {
                get(claims.get(i));
            }
        }
        List<Claim> all = new ArrayList<>();
        claims.forEach(each -> all.addAll(get(each)));
        return all;
    }

    static <V> V get(CompletableFuture<V> reply) {
        return reply.orTimeout(SECONDS, TimeUnit.SECONDS).join();
    }
}
