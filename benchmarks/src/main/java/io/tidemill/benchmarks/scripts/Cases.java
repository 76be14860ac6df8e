package io.tidemill.benchmarks.scripts;

import static io.tidemill.benchmarks.scripts.Backlog.BATCH;
import static io.tidemill.benchmarks.scripts.Backlog.FAILURE;
import static io.tidemill.benchmarks.scripts.Backlog.LEASE_MILLIS;
import static io.tidemill.benchmarks.scripts.Backlog.get;

import io.tidemill.broker.Claim;
import io.tidemill.broker.Completion;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.Redrive;
import io.tidemill.queue.Limit;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.Limits;
import io.tidemill.task.JobState;
import io.tidemill.task.Unique;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Every script, each with the largest batch that Tidemill sends and the costliest jobs that it meets. Those with many
 * leases come last.
 */
final class Cases {

    /** What workers claim, complete, fail or release in one call. */
    private static final int RUN = 100;

    /** What clients store in one call of jobs with a delay, and with constraints. */
    private static final int DELAYED = 500;

    private static final int FLOWING = 125;
    /** What a sweep or a step of an operation takes in one call. */
    private static final int STEP = 250;

    /** What a trim takes, or an extension of leases. */
    private static final int LIGHT = 500;

    private static final int MOST_EXPIRATIONS = 100;
    private static final long SOON_MILLIS = 1;
    private static final long RESULT_TTL_MILLIS = 60_000;
    private static final byte[] RESULT = new byte[50];

    private final List<Case> all = new ArrayList<>();
    private int serial;

    private Cases() {}

    static List<Case> all(int manyLeases) {
        Cases cases = new Cases();
        cases.enqueues();
        cases.claims();
        cases.ends();
        cases.sweeps();
        cases.operations();
        cases.schedules();
        cases.manyLeases(manyLeases);
        return cases.all;
    }

    private void enqueues() {
        plain("enqueue", "1,000 plain", b -> storing(b, BATCH, i -> b.plain()));
        mixed("enqueue", "500 delayed", b -> storing(b, DELAYED, i -> b.plain().after(RESULT_TTL_MILLIS + i)));
        mixed(
                "enqueue",
                "125 with a group each",
                b -> storing(b, FLOWING, i -> b.plain().with(group("new-" + serial + "-" + i))));
        mixed(
                "enqueue",
                "125 unique, free",
                b -> storing(b, FLOWING, i -> b.plain().with(unique(serial + "-" + i))));
        mixed("enqueue", "125 unique, replace", b -> {
            int n = serial;
            b.store(FLOWING, i -> b.plain().with(unique("r" + n + "-" + i)));
            return storing(b, FLOWING, i -> b.plain().with(replacing("r" + n + "-" + i)));
        });
        mixed(
                "enqueue",
                "125 unique, group, expiry",
                b -> storing(
                        b,
                        FLOWING,
                        i -> b.plain()
                                .with(unique("e" + serial + "-" + i)
                                        .withGroup("customer-" + i)
                                        .withExpiresInMillis(LEASE_MILLIS))));
    }

    private void schedules() {
        mixed("enqueue", "100 by which schedules fire", b -> {
            String some = "fires-" + serial + "-";
            b.schedule(some, RUN, Backlog.FAR);
            return storing(b, RUN, i -> b.plain().with(JobConstraints.NONE.withStep(b.step(some + i))));
        });
        mixed("take", "100 that are due", b -> {
            b.schedule("due-" + serial + "-", RUN, SOON_MILLIS);
            return () -> b.broker().schedules().take(b.queue(), RUN, LEASE_MILLIS);
        });
        mixed("take", "nothing due", b -> () -> b.broker().schedules().take(b.queue(), RUN, LEASE_MILLIS));
        mixed("schedule", "one that changes", b -> {
            String some = "changes-" + serial + "-";
            b.schedule(some, 1, Backlog.FAR);
            return () -> b.broker()
                    .schedules()
                    .write(
                            b.queue(),
                            Optional.of(b.step(some + 0).expected()),
                            b.step(some + 0).after());
        });
        mixed("unschedule", "one", b -> {
            String some = "goes-" + serial + "-";
            b.schedule(some, 1, Backlog.FAR);
            return () -> b.broker()
                    .schedules()
                    .remove(b.queue(), some + 0, b.step(some + 0).expected());
        });
        mixed("schedules", "100 from the middle", b -> {
            int middle = (int) (get(b.broker().schedules().count(b.queue())) / 2);
            return () -> b.broker().schedules().list(b.queue(), middle, RUN);
        });
    }

    private void claims() {
        plain("claim", "100 plain", b -> () -> b.broker().claim(b.queue(), b.request(RUN, LEASE_MILLIS)));
        mixed(
                "claim",
                "100, half of them groups' turns",
                b -> () -> b.broker().claim(b.queue(), b.request(RUN, LEASE_MILLIS)));
        mixed("claim", "100 behind 500 that have expired", b -> {
            b.store(
                    LIGHT,
                    i -> NewJob.now(b.plain().id(), b.plain().body(), 9)
                            .with(JobConstraints.NONE.withExpiresInMillis(SOON_MILLIS)));
            pause();
            return () -> b.broker().claim(b.queue(), b.request(RUN, LEASE_MILLIS));
        });
        mixed("claim", "100 with group limits", b -> {
            get(b.broker()
                    .limits()
                    .limit(
                            b.queue(),
                            LimitScope.GROUPS,
                            Limits.of(List.of(
                                    Limit.concurrency(1),
                                    Limit.rate(1000, Duration.ofSeconds(1)).burst(10)))));
            return () -> b.broker().claim(b.queue(), b.request(RUN, LEASE_MILLIS));
        });
    }

    private void ends() {
        plain("complete", "100, and 100 claimed", b -> completing(b, null));
        plain("complete", "100 with results, and 100 claimed", b -> completing(b, RESULT));
        mixed("complete", "100 with flows, and 100 claimed", b -> {
            int n = serial;
            b.store(RUN, i -> NewJob.now(b.plain().id(), b.plain().body(), 9).with(unique("c" + n + "-" + i)));
            return completing(b, RESULT);
        });
        mixed("fail", "100 retries", b -> {
            List<Completion.Failed> ended = new ArrayList<>();
            b.claim(RUN).forEach(c -> ended.add(new Completion.Retry(c.id(), c.token(), RESULT_TTL_MILLIS, FAILURE)));
            return () -> b.broker().fail(b.queue(), ended);
        });
        mixed("fail", "100 dead, unique", b -> {
            int n = serial;
            b.store(RUN, i -> NewJob.now(b.plain().id(), b.plain().body(), 9).with(unique("f" + n + "-" + i)));
            List<Completion.Failed> ended = new ArrayList<>();
            b.claim(RUN).forEach(c -> ended.add(new Completion.Dead(c.id(), c.token(), FAILURE)));
            return () -> b.broker().fail(b.queue(), ended);
        });
        mixed("release", "100", b -> {
            List<Completion.Release> back = new ArrayList<>();
            b.claim(RUN).forEach(c -> back.add(new Completion.Release(c.id(), c.token(), 0)));
            return () -> b.broker().release(b.queue(), back);
        });
    }

    private void sweeps() {
        mixed("promote", "250", b -> {
            b.store(STEP, i -> b.plain().after(SOON_MILLIS));
            pause();
            return () -> b.broker().sweeps().promote(b.queue(), STEP);
        });
        mixed("promote", "250 of a group each", b -> {
            b.store(STEP, i -> b.plain().with(group("late-" + i)).after(SOON_MILLIS));
            pause();
            return () -> b.broker().sweeps().promote(b.queue(), STEP);
        });
        mixed("recover", "a lease of 100", b -> {
            b.claimForAMoment(1, RUN);
            pause();
            return () -> b.broker().sweeps().recover(b.queue(), STEP, MOST_EXPIRATIONS, FAILURE);
        });
        mixed("recover", "250 of a lease each, unique, dead", b -> {
            int n = serial;
            b.store(STEP, i -> NewJob.now(b.plain().id(), b.plain().body(), 9).with(unique("v" + n + "-" + i)));
            b.claimForAMoment(STEP, 1);
            pause();
            return () -> b.broker().sweeps().recover(b.queue(), STEP, 0, FAILURE);
        });
        mixed("expire", "250 ready, unique", b -> {
            int n = serial;
            b.store(STEP, i -> b.plain().with(unique("x" + n + "-" + i).withExpiresInMillis(SOON_MILLIS)));
            pause();
            return () -> b.broker().sweeps().expire(b.queue(), STEP);
        });
        mixed("expire", "250 delayed, unique", b -> {
            int n = serial;
            b.store(
                    STEP,
                    i -> b.plain()
                            .with(unique("y" + n + "-" + i).withExpiresInMillis(SOON_MILLIS))
                            .after(LEASE_MILLIS));
            pause();
            return () -> b.broker().sweeps().expire(b.queue(), STEP);
        });
        mixed("trim", "500", b -> () -> b.broker().sweeps().trim(b.queue(), 0, 0, LIGHT));
        mixed("survey", "500 queues, with jobs of every kind each", b -> {
            List<String> queues = Collections.nCopies(500, b.queue());
            return () -> b.broker().sweeps().survey(queues);
        });
    }

    private void operations() {
        mixed("redrive", "250 with a group each", b -> {
            b.store(STEP, i -> NewJob.now(b.plain().id(), b.plain().body(), 9).with(group("again-" + i)));
            b.fail(b.claim(STEP));
            List<Redrive> dead = new ArrayList<>();
            get(b.broker().lists().list(b.queue(), JobState.DEAD, 0, STEP))
                    .forEach(job -> dead.add(Redrive.now(job.id())));
            return () -> b.broker().operations().redrive(b.queue(), dead);
        });
        mixed("purge", "250 ready", b -> () -> b.broker().operations().purge(b.queue(), JobState.READY, STEP));
        mixed("purge", "250 delayed, unique", b -> {
            int n = serial;
            b.store(
                    STEP,
                    i -> b.plain()
                            .with(unique("p" + n + "-" + i).withExpiresInMillis(LEASE_MILLIS))
                            .after(RESULT_TTL_MILLIS / 2));
            return () -> b.broker().operations().purge(b.queue(), JobState.SCHEDULED, STEP);
        });
        mixed("purge", "250 dead", b -> {
            b.fail(b.claim(STEP));
            return () -> b.broker().operations().purge(b.queue(), JobState.DEAD, STEP);
        });
        mixed("list", "1,000 ready from the middle", b -> {
            int ready = (int) get(b.broker().lists().counts(b.queue())).ready();
            return () -> b.broker().lists().list(b.queue(), JobState.READY, ready / 2, BATCH);
        });
        mixed("list", "1,000 delayed from the middle", b -> {
            int scheduled = (int) get(b.broker().lists().counts(b.queue())).scheduled();
            return () -> b.broker().lists().list(b.queue(), JobState.SCHEDULED, scheduled / 2, BATCH);
        });
        mixed("cancel", "a ready job", b -> {
            String id = b.store(1, i -> b.plain()).get(0);
            return () -> b.broker().cancellation().cancel(b.queue(), id);
        });
        mixed("delete", "a ready job", b -> {
            String id = b.store(1, i -> b.plain()).get(0);
            return () -> b.broker().operations().delete(b.queue(), id);
        });
        mixed("inspect", "the last job", b -> {
            String id = b.store(1, i -> b.plain()).get(0);
            return () -> b.broker().operations().inspect(b.queue(), id);
        });
        mixed("limit", "of groups", b -> () -> b.broker().limits().limit(b.queue(), LimitScope.GROUPS, null));
        mixed("pause", "asked", b -> () -> b.broker().operations().isPaused(b.queue()));
        mixed("register", "one worker", b -> () -> b.broker().operations().register(b.queue(), "worker", RESULT, 1000));
        mixed("workers", "1,000", b -> {
            for (int i = 0; i < BATCH; i++) {
                get(b.broker().operations().register(b.queue(), "worker-" + i, RESULT, RESULT_TTL_MILLIS));
            }
            return () -> b.broker().operations().workers(b.queue());
        });
    }

    /** The worst that the leases of crashed or many workers do to those that look through them. */
    private void manyLeases(int count) {
        mixed("extend", "500 leases, 500 jobs to be cancelled", b -> {
            List<Claim> claims = b.leases(Math.min(count, LIGHT));
            claims.forEach(claim -> get(b.broker().cancellation().cancel(b.queue(), claim.id())));
            return () -> b.broker()
                    .leases()
                    .extend(b.queue(), claims.stream().map(Claim::token).toList(), LEASE_MILLIS);
        });
        mixed("enqueue", "125 unique, replace, many leases", b -> {
            b.leases(Math.max(
                    0, count - (int) get(b.broker().lists().counts(b.queue())).active()));
            int n = serial;
            b.store(FLOWING, i -> b.plain().with(unique("l" + n + "-" + i)));
            return storing(b, FLOWING, i -> b.plain().with(replacing("l" + n + "-" + i)));
        });
        mixed(
                "counts",
                "many groups, many leases",
                b -> () -> b.broker().lists().counts(b.queue()));
        mixed("find", "a ready job, many leases", b -> {
            String id = b.store(1, i -> b.plain()).get(0);
            return () -> b.broker().lookUp().find(b.queue(), id, true);
        });
        mixed("cancel", "a ready job, many leases", b -> {
            String id = b.store(1, i -> b.plain()).get(0);
            return () -> b.broker().cancellation().cancel(b.queue(), id);
        });
        mixed(
                "list",
                "1,000 active, many leases",
                b -> () -> b.broker().lists().list(b.queue(), JobState.ACTIVE, 0, BATCH));
        mixed("leases", "1,000", b -> () -> b.broker().operations().leases(b.queue(), BATCH));
        mixed("limit", "of the queue, new, many leases", b -> {
            get(b.broker().limits().limit(b.queue(), LimitScope.QUEUE, null));
            return () -> b.broker()
                    .limits()
                    .limit(b.queue(), LimitScope.QUEUE, Limits.of(List.of(Limit.concurrency(100_000))));
        });
        mixed(
                "claim",
                "100 with a queue limit, many leases",
                b -> () -> b.broker().claim(b.queue(), b.request(RUN, LEASE_MILLIS)));
    }

    private static Supplier<CompletableFuture<?>> completing(Backlog b, byte @Nullable [] result) {
        List<Completion.Succeeded> ended = new ArrayList<>();
        b.claim(RUN).forEach(claim -> ended.add(Completion.Succeeded.of(claim, result, RESULT_TTL_MILLIS)));
        return () -> b.broker().complete(b.queue(), ended, b.request(RUN, LEASE_MILLIS));
    }

    private Supplier<CompletableFuture<?>> storing(Backlog b, int count, IntFunction<NewJob> job) {
        List<NewJob> jobs = b.make(count, 0, job);
        return () -> b.broker().enqueue(b.queue(), jobs);
    }

    private static JobConstraints unique(String key) {
        return JobConstraints.NONE.withUnique(Unique.untilDone(key));
    }

    private static JobConstraints replacing(String key) {
        return JobConstraints.NONE.withUnique(Unique.untilDone(key).onConflict(Unique.Conflict.REPLACE));
    }

    private static JobConstraints group(String name) {
        return JobConstraints.NONE.withGroup(name);
    }

    /** Longer than what is due soon. */
    private static void pause() {
        long until = System.nanoTime() + 10 * SOON_MILLIS * 1_000_000;
        while (System.nanoTime() - until < 0) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    private void plain(String script, String what, Function<Backlog, Supplier<CompletableFuture<?>>> prepare) {
        all.add(new Case(script, what, false, numbered(prepare)));
    }

    private void mixed(String script, String what, Function<Backlog, Supplier<CompletableFuture<?>>> prepare) {
        all.add(new Case(script, what, true, numbered(prepare)));
    }

    /** Each call of a case gets a number of its own, for keys that are not to meet. */
    private Function<Backlog, Supplier<CompletableFuture<?>>> numbered(
            Function<Backlog, Supplier<CompletableFuture<?>>> prepare) {
        return backlog -> {
            serial++;
            return prepare.apply(backlog);
        };
    }
}
