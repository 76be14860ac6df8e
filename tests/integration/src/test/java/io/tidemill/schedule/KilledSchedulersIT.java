package io.tidemill.schedule;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.TaskQueue;
import io.tidemill.broker.Broker;
import io.tidemill.redis.RedisBroker;
import io.tidemill.redis.RedisOptions;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import io.tidemill.test.redis.RedisServer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes of their own fire schedules on one Redis, and nobody else does. They are killed and frozen, and others take
 * their places. A frozen one goes on later with what it was about to do.
 */
@Tag("thorough")
class KilledSchedulersIT {

    private static final boolean FULL = Boolean.getBoolean("tidemill.thorough");
    private static final int SCHEDULES = FULL ? 100 : 30;
    private static final int KILLS = FULL ? 6 : 2;
    private static final int FREEZES = FULL ? 3 : 1;
    private static final int PROCESSES = 3;
    /** Due times that fire between two disturbances. */
    private static final int BETWEEN = 2 * SCHEDULES;
    /** Longer than a process holds what it has taken: another one has fired it meanwhile. */
    private static final Duration FROZEN = Duration.ofSeconds(7);

    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final long STEP_NANOS = Duration.ofMillis(10).toNanos();

    /** Counts the jobs of each due time. A job that comes back from a lost lease is no second one. */
    public static final class Counting {

        final Map<String, AtomicInteger> jobs = new ConcurrentHashMap<>();

        @Task(name = "count")
        public void count(Tick tick) {
            if (TaskContext.current().attempt() == 1) {
                jobs.computeIfAbsent(Planner.jobId(tick.schedule(), tick.due()), id -> new AtomicInteger())
                        .incrementAndGet();
            }
        }
    }

    private record Frozen(TickingProcess process, long untilNanos) {}

    @TempDir
    Path folder;

    private final Random random = new Random(20_261_122);
    private final RedisOptions options = RedisOptions.defaults()
            .withPrefix("killed" + Long.toString(System.nanoTime(), 36))
            .withConnectTimeout(Duration.ofMinutes(1))
            .withRequestTimeout(Duration.ofMinutes(1));
    private final Counting counting = new Counting();
    private final List<TickingProcess> processes = new ArrayList<>();
    private final List<Frozen> frozen = new ArrayList<>();
    private int started;

    @AfterEach
    void close() {
        processes.forEach(TickingProcess::close);
        frozen.forEach(one -> one.process().close());
    }

    private void startOne() throws Exception {
        processes.add(
                TickingProcess.start("process" + ++started, RedisServer.shared().uri(), options.prefix(), folder));
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void every_due_time_fires_exactly_once_while_processes_are_killed_and_frozen() throws Exception {
        Broker broker = RedisBroker.connect(RedisServer.shared().uri(), options);
        try (TaskQueue worker = TaskQueue.builder()
                .broker(broker)
                .tasks(counting)
                .concurrency(50)
                .start()) {
            ScheduleAccess access = new ScheduleAccess(broker);
            Schedules schedules =
                    new StoredSchedules(access, new SchedulePutter(access, worker, broker), worker, () -> {});
            Map<String, Instant> firstDues = put(schedules);
            for (int i = 0; i < PROCESSES; i++) {
                startOne();
            }

            disturb();
            waitUntil(
                    "all have fired",
                    () -> firstDues.keySet().stream()
                            .allMatch(name -> get(schedules, name).fired() > 0));
            firstDues.keySet().forEach(schedules::pause);

            Map<String, Integer> expected = new TreeMap<>();
            firstDues.forEach((name, first) -> expected.putAll(fired(get(schedules, name), first)));
            waitUntil("all jobs have run", () -> counting.jobs.keySet().containsAll(expected.keySet()));
            Map<String, Integer> ran = new TreeMap<>();
            counting.jobs.forEach((id, count) -> ran.put(id, count.get()));
            assertThat(ran).isEqualTo(expected);
        }
    }

    private Map<String, Instant> put(Schedules schedules) {
        Map<String, Instant> firstDues = new LinkedHashMap<>();
        for (int i = 0; i < SCHEDULES; i++) {
            Timing timing = Timing.every(Duration.ofMillis(1_000 + random.nextInt(2_000)));
            schedules.put(Schedule.of("s" + i, timing, call(Counting::count, Tick.EACH))
                    .withMisfire(Misfire.all(1_000)));
            firstDues.put("s" + i, get(schedules, "s" + i).next().orElseThrow());
        }
        return firstDues;
    }

    private static ScheduleInfo get(Schedules schedules, String name) {
        return schedules.get(name).orElseThrow();
    }

    /** The jobs of all due times up to the last one that fired, each once. */
    private static Map<String, Integer> fired(ScheduleInfo info, Instant first) {
        Timing timing = info.definition().orElseThrow().timing();
        Map<String, Integer> jobs = new TreeMap<>();
        Instant last = info.lastDue().orElseThrow();
        for (Instant due = first; !due.isAfter(last); due = timing.next(due).orElseThrow()) {
            jobs.put(Planner.jobId(info.name(), due), 1);
        }
        assertThat(info.fired()).as("what %s says of itself", info).isEqualTo(jobs.size());
        assertThat(info.missed() + info.skipped()).as("left out by %s", info).isZero();
        return jobs;
    }

    /** One after the other, each when so many more due times have fired: however fast or slow the machine is. */
    private void disturb() throws Exception {
        List<Boolean> kills = new ArrayList<>(Collections.nCopies(KILLS, true));
        kills.addAll(Collections.nCopies(FREEZES, false));
        Collections.shuffle(kills, random);
        for (boolean isKill : kills) {
            int before = counting.jobs.size();
            waitUntil("more due times have fired", () -> counting.jobs.size() >= before + BETWEEN);
            TickingProcess victim = processes.get(random.nextInt(processes.size()));
            waitUntil("it is up", victim::isUp);
            processes.remove(victim);
            startOne();
            if (isKill) {
                victim.kill();
            } else {
                victim.freeze();
                frozen.add(new Frozen(victim, System.nanoTime() + FROZEN.toNanos()));
            }
        }
        waitUntil("everybody goes on", frozen::isEmpty);
        int before = counting.jobs.size();
        waitUntil("due times fire after all that", () -> counting.jobs.size() >= before + BETWEEN);
    }

    private void thaw() throws Exception {
        for (Frozen one : List.copyOf(frozen)) {
            if (System.nanoTime() - one.untilNanos() > 0) {
                frozen.remove(one);
                processes.add(one.process());
                one.process().thaw();
            }
        }
    }

    private void waitUntil(String what, BooleanSupplier condition) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            thaw();
            assertThat(deadline - System.nanoTime())
                    .as(() -> "waited " + PATIENCE + " in vain until " + what + "; " + counting.jobs.size()
                            + " due times have fired; " + processes)
                    .isPositive();
            LockSupport.parkNanos(STEP_NANOS);
        }
    }
}
