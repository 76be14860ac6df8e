package io.tidemill.schedule;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.TaskQueue;
import io.tidemill.broker.Broker;
import io.tidemill.redis.RedisBroker;
import io.tidemill.redis.RedisOptions;
import io.tidemill.task.Task;
import io.tidemill.test.Waits;
import io.tidemill.test.redis.RedisServer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Schedules on a real Redis in real time: five processes fire, die with requests in flight, and are replaced. Some
 * seconds in an ordinary build, two minutes in a thorough one.
 */
@Tag("thorough")
class SchedulesOnRedisIT {

    private static final boolean FULL = Boolean.getBoolean("tidemill.thorough");
    private static final int SCHEDULES = FULL ? 1_000 : 60;
    private static final Duration LENGTH = Duration.ofSeconds(FULL ? 120 : 5);

    /** Counts the jobs of each due time. */
    public static final class Counting {

        final Map<String, AtomicInteger> ran = new ConcurrentHashMap<>();

        @Task(name = "count")
        public void count(Tick tick) {
            ran.computeIfAbsent(Planner.jobId(tick.schedule(), tick.due()), id -> new AtomicInteger())
                    .incrementAndGet();
        }
    }

    private final Random random = new Random(42);
    private final RedisOptions options = RedisOptions.defaults()
            .withPrefix("sched" + Long.toString(System.nanoTime(), 36))
            .withConnectTimeout(Duration.ofMinutes(1));
    private final Counting counting = new Counting();
    private final List<TaskQueue> open = new ArrayList<>();

    @AfterEach
    void close() {
        open.forEach(TaskQueue::close);
    }

    private Broker broker() {
        return RedisBroker.connect(RedisServer.shared().uri(), options);
    }

    /** A process that fires and can die: from then on none of its requests is answered. */
    private final class Member {

        final AtomicBoolean isDead = new AtomicBoolean();
        final Scheduler scheduler = Scheduler.create();
        final TaskQueue queue = TaskQueue.builder()
                .broker(World.through(
                        (method, request) -> {
                            if (isDead.get()) {
                                return TickerHarness.lost();
                            }
                            Object answer = request.send();
                            return isDead.get() ? TickerHarness.lost() : answer;
                        },
                        Broker.class,
                        broker()))
                .install(scheduler)
                .start();

        void die() {
            isDead.set(true);
            queue.close();
        }
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void every_due_time_fires_exactly_once_while_processes_die() {
        Scheduler operator = Scheduler.create();
        TaskQueue worker = TaskQueue.builder()
                .broker(broker())
                .tasks(counting)
                .concurrency(50)
                .install(operator)
                .start();
        open.add(worker);
        for (int i = 0; i < SCHEDULES; i++) {
            Timing timing = Timing.every(Duration.ofMillis(1_000 + random.nextInt(FULL ? 9_000 : 2_000)));
            operator.schedules()
                    .put(Schedule.of("s" + i, timing, call(Counting::count, Tick.EACH))
                            .withMisfire(Misfire.all(1_000)));
        }
        List<Member> members = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            members.add(new Member());
        }
        Instant end = Instant.now().plus(LENGTH);
        int[] deaths = new int[1];

        int each = 0;
        while (Instant.now().isBefore(end)) {
            int before = counting.ran.size();
            int more = 10 + random.nextInt(SCHEDULES);
            Waits.until("jobs run", () -> counting.ran.size() >= before + more);
            Member gone = members.remove(each++ % members.size());
            gone.die();
            deaths[0]++;
            members.add(new Member());
        }
        members.forEach(Member::die);
        for (int i = 0; i < SCHEDULES; i++) {
            String name = "s" + i;
            // What a process held when it died is free 5 s later.
            Waits.until(
                    name + " has fired",
                    () -> operator.schedules().get(name).orElseThrow().fired() > 0);
            operator.schedules().pause(name);
        }

        assertThat(deaths[0]).isPositive();
        for (int i = 0; i < SCHEDULES; i++) {
            check(operator.schedules().get("s" + i).orElseThrow());
        }
        assertThat(counting.ran.values()).allMatch(runs -> runs.get() == 1);
    }

    private void check(ScheduleInfo info) {
        ScheduleState state = ScheduleAccess.readable(info);
        Timing timing = state.definition().timing();
        List<String> expected = new ArrayList<>();
        Instant due = Instant.ofEpochMilli(state.lastDue());
        for (long i = 0; i < info.fired(); i++) {
            expected.add(Planner.jobId(info.name(), due));
            due = timing.previous(due).orElseThrow();
        }
        assertThat(info.fired()).isPositive();
        assertThat(info.missed() + info.skipped()).isZero();
        Waits.until(
                "all jobs of " + info.name() + " have run",
                () -> counting.ran.keySet().containsAll(expected));
        assertThat(counting.ran).as("what came before it was put").doesNotContainKey(Planner.jobId(info.name(), due));
    }
}
