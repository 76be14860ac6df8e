package io.tidemill.redis.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.TaskQueue;
import io.tidemill.broker.Broker;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.client.Call;
import io.tidemill.client.ClientOptions;
import io.tidemill.conformance.fault.Fault;
import io.tidemill.conformance.fault.FaultPlan;
import io.tidemill.conformance.fault.FaultProxy;
import io.tidemill.conformance.fault.HistoryChecker;
import io.tidemill.conformance.fault.Journal;
import io.tidemill.conformance.fault.JournalingBroker;
import io.tidemill.conformance.fault.RandomFaults;
import io.tidemill.conformance.fault.Verdict;
import io.tidemill.queue.QueueCounts;
import io.tidemill.redis.QueueDoctor;
import io.tidemill.redis.RedisBroker;
import io.tidemill.redis.RedisOptions;
import io.tidemill.redis.Thorough;
import io.tidemill.redis.script.ScriptNames;
import io.tidemill.task.BrokerException;
import io.tidemill.task.JobState;
import io.tidemill.test.redis.RedisServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Jobs flow through a proxy that loses answers of every script at random, while workers are killed and frozen and Redis
 * is killed and started again. When all is over, the journals of all processes are judged. Long, because it is one run.
 *
 * <p>{@code -Dtidemill.chaos.jobs=200000} sets how many jobs there are and with them how many faults: one SIGKILL of a
 * worker per 10,000, one of Redis per 20,000. {@code -Dtidemill.chaos.seed=7} begins the randomness elsewhere.
 */
@Tag(Thorough.TAG)
class ChaosIT {

    private static final Logger log = LoggerFactory.getLogger(ChaosIT.class);

    private static final int JOBS = Integer.getInteger("tidemill.chaos.jobs", Thorough.size(5_000, 50_000));
    private static final long SEED = Long.getLong("tidemill.chaos.seed", 20_261_121L);
    private static final int WORKER_KILLS = Math.max(4, JOBS / 10_000);
    private static final int REDIS_KILLS = Math.max(2, JOBS / 20_000);
    private static final int FREEZES = Math.max(2, JOBS / 40_000);

    private static final Duration LEASE = Duration.ofSeconds(2);
    private static final int WORKERS = 3;
    private static final int PRODUCERS = 2;
    private static final int MOST_UNANSWERED = 1_000;
    /** One in how many jobs makes its producer look around. */
    private static final int LOOKS = 500;

    /** Short, so that some enqueues end without an answer while Redis is away. */
    private static final Duration PRODUCER_TIMEOUT = Duration.ofSeconds(2);
    /** The part of the jobs that is stored at least: of those whose enqueue is not answered some are not. */
    private static final double STORED = 0.9;

    /** For looks past the proxy: Redis answers late where the machine is busy, and that is not what is tried here. */
    private static final RedisOptions DIRECT = RedisOptions.defaults()
            .withConnectTimeout(Duration.ofSeconds(30))
            .withRequestTimeout(Duration.ofSeconds(60));

    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final long STEP_NANOS = Duration.ofMillis(5).toNanos();

    /**
     * What the load uses, and one in how many of its requests meets a fault: more often for those that come a few times
     * in the shortest run.
     */
    private static final Map<String, Integer> RATES = Map.ofEntries(
            Map.entry("enqueue", 12),
            Map.entry("claim", 40),
            Map.entry("complete", 60),
            Map.entry("fail", 40),
            Map.entry("release", 25),
            Map.entry("note", 20),
            Map.entry("extend", 15),
            Map.entry("promote", 6),
            Map.entry("recover", 6),
            Map.entry("expire", 6),
            Map.entry("register", 5),
            Map.entry("queues", 4),
            Map.entry("trim", 2),
            Map.entry("counts", 5),
            Map.entry("inspect", 5));

    /**
     * In turn for each script: each meets a lost answer first and goes on with another kind than the others do. So all
     * kinds happen also on a machine that makes few requests. Lost answers above all.
     */
    private static final List<Fault> FAULTS = List.of(
            Fault.LOST_REPLY,
            Fault.STRAGGLER,
            Fault.HELD_BACK,
            Fault.SILENCE,
            Fault.RESET,
            Fault.DELAY,
            Fault.LOST_REPLY,
            Fault.LOST_REPLY,
            Fault.STRAGGLER,
            Fault.DELAY);

    private enum Disturbance {
        WORKER_KILLED,
        WORKER_FROZEN,
        REDIS_KILLED
    }

    /** A frozen worker, and when it has been so for three leases. */
    private record Frozen(ChaosProcess worker, long until) {}

    @TempDir
    Path folder;

    private final Random random = new Random(SEED);
    private final List<ChaosProcess> workers = new ArrayList<>();
    private final List<Frozen> frozen = new ArrayList<>();
    private final List<Path> journals = new ArrayList<>();
    private final AtomicInteger answered = new AtomicInteger();
    private RedisServer redis;
    private FaultProxy proxy;
    private Journal journal;
    private int started;

    @BeforeEach
    void start() throws Exception {
        // Redis sends an answer after what it has done is in the append-only file: before it sleeps, it first writes
        // the
        // file and then the answers. So what a client was told survives a SIGKILL of the process. "everysec" would
        // break
        // this order: while a slow fsync runs it puts off the write, up to two seconds, and answers all the same.
        redis = RedisServer.start("--appendonly", "yes", "--appendfsync", "always");
        proxy = FaultProxy.to(redis.port(), ScriptNames.byDigest());
        journal = open("control");
        for (int i = 0; i < WORKERS; i++) {
            startWorker();
        }
    }

    @AfterEach
    void stop() {
        workers.forEach(ChaosProcess::close);
        frozen.forEach(one -> one.worker().close());
        proxy.close();
        journal.close();
        redis.close();
    }

    private Journal open(String name) {
        Path file = folder.resolve(name + ".journal");
        journals.add(file);
        return Journal.onFile(file, name);
    }

    private void startWorker() throws Exception {
        ChaosProcess worker = ChaosProcess.start("worker" + ++started, proxy.uri(), folder, LEASE);
        workers.add(worker);
        journals.add(worker.journal());
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void nothing_is_lost_and_nothing_completed_twice_whatever_breaks() throws Exception {
        long begun = System.nanoTime();
        proxy.plan(new RandomFaults(SEED, FAULTS, RATES));
        List<TaskQueue> producers = produce();
        try (Broker direct = RedisBroker.connect(redis.uri(), DIRECT)) {
            direct.open();
            disturb(direct);
        }
        waitUntil("all jobs are enqueued", () -> answered.get() == JOBS);
        long enqueued = System.nanoTime();
        // What workers send from time to time came only a few times if the load was over soon: they go on meanwhile.
        waitUntil("every fault has happened", this::haveFaultsHappened);
        drain();
        producers.forEach(TaskQueue::close);
        workers.forEach(ChaosProcess::end);

        Verdict verdict;
        QueueCounts counts;
        try (Broker direct = RedisBroker.connect(redis.uri(), DIRECT)) {
            direct.open();
            noteWhatRemains(direct);
            counts = direct.lists().counts(ChaosWorker.QUEUE).join();
        }
        long drained = System.nanoTime();
        verdict = HistoryChecker.judge(Journal.read(
                journals.stream().filter(file -> file.toFile().exists()).toList()));
        String report = report(verdict, begun, enqueued, drained);
        log.info(report);

        assertThat(verdict.isClean()).as(report).isTrue();
        assertCountsAgree(counts, verdict.figures(), report);
        assertFaultsHappened(verdict.figures(), report);
        try (QueueDoctor doctor = QueueDoctor.connect(redis.uri(), "tm")) {
            assertThat(doctor.examine(ChaosWorker.QUEUE)).as(report).isEmpty();
        }
    }

    private List<TaskQueue> produce() {
        List<TaskQueue> producers = new ArrayList<>();
        for (int i = 0; i < PRODUCERS; i++) {
            int producer = i;
            TaskQueue queue = TaskQueue.builder()
                    .broker(new JournalingBroker(
                            RedisBroker.connect(
                                    proxy.uri(), ChaosWorker.options().withRequestTimeout(PRODUCER_TIMEOUT)),
                            open("producer" + i)))
                    .client(ClientOptions.defaults()
                            .withMaxUnanswered(MOST_UNANSWERED)
                            .withBufferTimeout(PATIENCE))
                    .start();
            producers.add(queue);
            Thread thread = new Thread(() -> produce(queue, producer), "producer-" + i);
            thread.setDaemon(true);
            thread.start();
        }
        return producers;
    }

    private void produce(TaskQueue queue, int producer) {
        SplittableRandom dice = new SplittableRandom(SEED + producer);
        for (int n = producer; n < JOBS; n += PRODUCERS) {
            Call<Object> call = call("job" + n, dice);
            queue.enqueueAsync(call).whenComplete((handle, failure) -> answered.incrementAndGet());
            if (dice.nextInt(LOOKS) == 0) {
                lookAround(queue, "job" + n);
            }
        }
    }

    /** Sends once more what has a result, and so is known also when it is over; asks how the queue is, and one job. */
    private static void lookAround(TaskQueue queue, String id) {
        queue.enqueueAsync(Call.named("answer").queue(ChaosWorker.QUEUE).id(id + "-twice"))
                .thenCompose(first -> queue.enqueueAsync(
                        Call.named("answer").queue(ChaosWorker.QUEUE).id(id + "-twice")));
        look(() -> queue.admin().counts(ChaosWorker.QUEUE));
        look(() -> queue.admin().find(ChaosWorker.QUEUE, id));
    }

    private static void look(Runnable question) {
        try {
            question.run();
        } catch (BrokerException e) {
            // No answer in time: it was only a look.
        }
    }

    private static Call<Object> call(String id, SplittableRandom dice) {
        int kind = dice.nextInt(1_000);
        String task = kind < 20
                ? "stumble"
                : kind < 30
                        ? "snooze"
                        : kind < 35
                                ? "die"
                                : kind < 60 ? "linger" : kind < 80 ? "answer" : kind < 100 ? "steps" : "touch";
        Call<Object> call = Call.named(task).queue(ChaosWorker.QUEUE).id(id);
        if (dice.nextInt(50) == 0) {
            return call.delay(Duration.ofMillis(100 + dice.nextInt(2_000)));
        }
        return dice.nextInt(20) == 0 ? call.priority(dice.nextInt(10)) : call;
    }

    /** One after the other, each when so many more jobs have ended: however fast or slow the machine is. */
    private void disturb(Broker direct) throws Exception {
        List<Disturbance> all = new ArrayList<>();
        all.addAll(Collections.nCopies(WORKER_KILLS, Disturbance.WORKER_KILLED));
        all.addAll(Collections.nCopies(REDIS_KILLS, Disturbance.REDIS_KILLED));
        all.addAll(Collections.nCopies(FREEZES, Disturbance.WORKER_FROZEN));
        Collections.shuffle(all, random);
        for (int i = 0; i < all.size(); i++) {
            long due = (long) (STORED * JOBS * (i + 1) / (all.size() + 1));
            waitUntil(due + " jobs have ended", () -> {
                QueueCounts counts = direct.lists().counts(ChaosWorker.QUEUE).join();
                return counts.succeeded() + counts.dead() >= due;
            });
            disturb(all.get(i));
        }
    }

    private void disturb(Disturbance kind) throws Exception {
        switch (kind) {
            case WORKER_KILLED -> {
                ChaosProcess victim = workers.remove(random.nextInt(workers.size()));
                victim.kill();
                journal.disturbed("killed " + victim.name());
                startWorker();
            }
            case WORKER_FROZEN -> {
                // Its place is taken by another meanwhile.
                ChaosProcess victim = workers.remove(random.nextInt(workers.size()));
                victim.freeze();
                journal.disturbed("froze " + victim.name());
                frozen.add(new Frozen(victim, System.nanoTime() + 3 * LEASE.toNanos()));
                startWorker();
            }
            case REDIS_KILLED -> {
                journal.disturbed("killing Redis");
                redis.kill9();
                redis.restart();
                journal.disturbed("Redis is up");
            }
        }
    }

    /** Thaws who was frozen long enough; it may go on as if nothing had happened. */
    private void thaw() {
        for (Frozen one : List.copyOf(frozen)) {
            if (System.nanoTime() - one.until() > 0) {
                frozen.remove(one);
                one.worker().thaw();
                journal.disturbed("thawed " + one.worker().name());
                workers.add(one.worker());
            }
        }
    }

    /** No more faults; what is there runs to its end. */
    private void drain() {
        proxy.plan(FaultPlan.NONE);
        waitUntil("everybody is thawed", frozen::isEmpty);
        try (Broker direct = RedisBroker.connect(redis.uri(), DIRECT)) {
            direct.open();
            waitUntil("the queue is empty", () -> {
                QueueCounts counts = direct.lists().counts(ChaosWorker.QUEUE).join();
                return counts.ready() + counts.scheduled() + counts.active() == 0;
            });
        }
    }

    private void noteWhatRemains(Broker direct) {
        for (JobState state : List.of(JobState.READY, JobState.SCHEDULED, JobState.ACTIVE, JobState.DEAD)) {
            List<JobSnapshot> page;
            for (int offset = 0; ; offset += page.size()) {
                page = direct.lists()
                        .list(ChaosWorker.QUEUE, state, offset, Broker.MAX_BATCH)
                        .join();
                page.forEach(job -> journal.remains(job.id(), state.name()));
                if (page.isEmpty()) {
                    break;
                }
            }
        }
    }

    private void waitUntil(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            thaw();
            assertThat(deadline - System.nanoTime())
                    .as(() -> String.format(
                            "waited %s in vain until %s; seed %d, %d answered%n%s",
                            PATIENCE, what, SEED, answered.get(), proxy.table()))
                    .isPositive();
            LockSupport.parkNanos(STEP_NANOS);
        }
    }

    private static void assertCountsAgree(QueueCounts counts, Verdict.Figures figures, String report) {
        assertThat(counts.accepted())
                .as(report)
                .isEqualTo(counts.ready()
                        + counts.scheduled()
                        + counts.active()
                        + counts.dead()
                        + counts.succeeded()
                        + counts.cancelled()
                        + counts.expired()
                        + counts.removed())
                .isBetween(figures.acknowledged(), figures.acknowledged() + figures.unknown());
        assertThat(counts.succeeded())
                .as(report)
                .isBetween(figures.succeeded(), figures.succeeded() + figures.maybeSucceeded());
        assertThat(counts.dead()).as(report).isEqualTo(figures.dead());
    }

    /** Whether each script has lost an answer, and each kind of fault has met some script. */
    private boolean haveFaultsHappened() {
        return RATES.keySet().stream().allMatch(script -> proxy.count(script, Fault.LOST_REPLY) > 0)
                && FAULTS.stream()
                        .allMatch(fault -> RATES.keySet().stream().anyMatch(script -> proxy.count(script, fault) > 0));
    }

    /** A run in which nothing broke proves nothing. */
    private void assertFaultsHappened(Verdict.Figures figures, String report) {
        assertThat(haveFaultsHappened()).as(report).isTrue();
        assertThat(figures.runsAfterFailure()).as(report).isPositive();
        assertThat(figures.runsAfterRelease()).as(report).isPositive();
        assertThat(figures.runsAfterLease()).as(report).isPositive();
        assertThat(figures.dead()).as(report).isPositive();
        assertThat(figures.steps()).as(report).isPositive();
        assertThat(figures.endsUnknown()).as(report).isPositive();
    }

    private String report(Verdict verdict, long begun, long enqueued, long drained) {
        return String.format(
                "%d jobs, seed %d: %d workers and %d times Redis killed, %d workers frozen;%n"
                        + "enqueued in %.1f s, drained after %.1f s, judged in %.1f s%n%n%s%n(%d more answers lost"
                        + " alongside)%n%n%s",
                JOBS,
                SEED,
                WORKER_KILLS,
                REDIS_KILLS,
                FREEZES,
                (enqueued - begun) / 1e9,
                (drained - begun) / 1e9,
                (System.nanoTime() - drained) / 1e9,
                proxy.table(),
                proxy.alongside(),
                verdict.report());
    }
}
