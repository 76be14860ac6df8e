package io.tidemill.schedule;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.TaskQueue;
import io.tidemill.TaskQueueBuilder;
import io.tidemill.broker.Broker;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.broker.memory.MemoryStore;
import io.tidemill.broker.partition.PartitionedBroker;
import io.tidemill.client.Call;
import io.tidemill.client.PreparedJob;
import io.tidemill.event.QueueEvent;
import io.tidemill.message.AesGcmSeal;
import io.tidemill.task.ConfigurationException;
import io.tidemill.task.Task;
import io.tidemill.test.FakeClock;
import io.tidemill.test.Recorder;
import io.tidemill.test.Waits;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** The scheduler as a part of a queue: annotations, the loop on its clock, events, health, and what is refused. */
class SchedulerTest {

    /** Of a worker with a scheduler: fetch, lease, watchdog, maintenance, await, history, scheduler, overdue. */
    private static final int LOOPS = 8;

    /** Tasks by the clock. */
    public static final class Reports {

        final List<Tick> ticks = new CopyOnWriteArrayList<>();
        final List<String> cleanups = new CopyOnWriteArrayList<>();

        @Task(name = "hourly")
        @Cron(value = "0 * * * *", zone = "Europe/Berlin", overlap = Overlap.SKIP)
        public void hourly(Tick tick) {
            ticks.add(tick);
        }

        @Task(name = "cleanup", queue = "slow")
        @Every("10m")
        public void cleanup() {
            cleanups.add("done");
        }

        @Task(name = "greet")
        public void greet(String name) {
            cleanups.add(name);
        }
    }

    private final FakeClock clock = new FakeClock();
    private final Recorder events = new Recorder();
    private final Reports reports = new Reports();

    private TaskQueueBuilder builder(Scheduler scheduler) {
        return TaskQueue.builder()
                .broker(new MemoryBroker(clock))
                .clock(clock)
                .listener(events)
                .tasks(reports)
                .install(scheduler);
    }

    /** Lets time pass in steps, until it has come. */
    private void until(String what, BooleanSupplier condition) {
        untilInSteps(what, Duration.ofSeconds(20), condition);
    }

    private void untilInSteps(String what, Duration step, BooleanSupplier condition) {
        Waits.until(what, () -> {
            if (!condition.getAsBoolean()) {
                clock.advance(step);
            }
            return condition.getAsBoolean();
        });
    }

    /** The same, and all loops do what each step brings before the next one: nothing is late on a slow machine. */
    private void untilInTurn(String what, BooleanSupplier condition) {
        for (int step = 0; !condition.getAsBoolean(); step++) {
            assertThat(step).as(what).isLessThan(1_000);
            clock.awaitWaiters(LOOPS);
            // A thread that gets no turn for an hour of this clock would let its job be given up.
            Waits.until(
                    "what has fired has run",
                    () -> events.events(QueueEvent.Succeeded.class).size()
                            >= events.events(QueueEvent.Fired.class).size());
            clock.advance(Duration.ofSeconds(20));
        }
    }

    @Test
    void annotated_tasks_run_by_the_clock() {
        Scheduler scheduler = Scheduler.create();
        try (TaskQueue queue = builder(scheduler).start()) {
            untilInTurn("ticks", () -> reports.ticks.size() >= 2 && reports.cleanups.size() >= 6);

            assertThat(reports.ticks.get(0)).isEqualTo(new Tick("hourly", Samples.at("01:00:00"), null));
            assertThat(reports.ticks.get(1).previous())
                    .isEqualTo(reports.ticks.get(0).due());
            ScheduleInfo hourly = scheduler.schedules().get("hourly").orElseThrow();
            assertThat(hourly.describe()).isEqualTo("at minute 0 of every hour, Europe/Berlin");
            assertThat(hourly.definition().orElseThrow().overlap()).isEqualTo(Overlap.SKIP);
            assertThat(scheduler.schedules().get("cleanup").orElseThrow().queue())
                    .isEqualTo("slow");
            assertThat(queue.health().checks()).anyMatch(check -> check.name().equals("scheduler"));
        }
        QueueEvent.Fired fired = events.events(QueueEvent.Fired.class).stream()
                .filter(event -> event.schedule().equals("hourly"))
                .findFirst()
                .orElseThrow();
        assertThat(fired.due()).isEqualTo(Samples.at("01:00:00"));
        assertThat(fired.jobId()).isEqualTo("hourly@2026-01-01T01:00:00Z");
        assertThat(fired.queue()).isEqualTo("default");
    }

    @Test
    void what_is_put_at_run_time_fires_without_waiting_for_a_poll() {
        Scheduler scheduler = Scheduler.create();
        try (TaskQueue queue = builder(scheduler).start()) {
            scheduler
                    .schedules()
                    .put(Schedule.of("hello", Timing.every(Duration.ofMinutes(1)), call(Reports::greet, "Ada")));

            until("a greeting", () -> reports.cleanups.contains("Ada"));
            scheduler.schedules().triggerNow("hourly");
            Waits.until("a tick", () -> !reports.ticks.isEmpty());

            // A leap of the clock makes everything old, and what is done again is done when the clock goes on.
            untilInSteps(
                    "the queue is ready",
                    Duration.ofSeconds(1),
                    () -> queue.health().ready());
        }
    }

    @Test
    void a_schedule_that_a_split_queue_refuses_holds_up_no_other_and_says_why() {
        Scheduler scheduler = Scheduler.create();
        PartitionedBroker split = PartitionedBroker.of(new MemoryBroker(clock), Map.of("default", 3));
        try (TaskQueue queue = builder(scheduler).broker(split).start()) {
            Timing timing = Timing.every(Duration.ofMinutes(1));
            Schedules schedules = scheduler.schedules();
            schedules.put(
                    Schedule.of("grouped", timing, call(Reports::greet, "Bob").group("b")));
            schedules.put(Schedule.of("plain", timing, call(Reports::greet, "Ada")));

            until("a greeting", () -> reports.cleanups.contains("Ada"));
            until(
                    "a reason",
                    () -> schedules.get("grouped").orElseThrow().problem().isPresent());
            assertThat(schedules.get("grouped").orElseThrow().problem().orElseThrow())
                    .contains("is split in partitions");
            assertThat(reports.cleanups).doesNotContain("Bob");
        }
    }

    @Test
    void a_tick_beside_other_arguments_is_refused() {
        Call<?> call = Call.named("greet", "Ada", Tick.EACH);

        assertThatThrownBy(() -> Schedule.of("hello", Timing.every(Duration.ofMinutes(1)), call))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Tick.EACH must be the only argument");
    }

    @Test
    void a_prepared_call_with_a_delay_lost_it_without_a_word() {
        try (TaskQueue queue = builder(Scheduler.create()).start()) {
            PreparedJob later = queue.prepare(Call.named("greet", "Ada").delay(Duration.ofMinutes(5)));

            assertThatThrownBy(() -> Schedule.of("s", Timing.every(Duration.ofHours(1)), later))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("schedule \"s\" gives its jobs their times");
        }
    }

    @Test
    void schedules_that_code_defines_are_put() {
        Scheduler scheduler = Scheduler.create()
                .owner("shop")
                .version(7)
                .schedule(Schedule.of("hello", Timing.every(Duration.ofHours(1)), call(Reports::greet, "Ada")));
        try (TaskQueue queue = builder(scheduler).start()) {
            ScheduleInfo info = scheduler.schedules().get("hello").orElseThrow();
            assertThat(info.owner()).contains("shop");
            assertThat(info.version()).isEqualTo(7);
            assertThat(scheduler.schedules().queues()).containsExactly("default", "slow");
        }
    }

    /** Everything that can be wrong. */
    public static final class Wrong {

        @Task(name = "with_text")
        @Cron("0 2 * * *")
        public void withText(String text) {}

        @Task(name = "bad_cron")
        @Cron("0 0 30 2 *")
        public void badCron() {}

        @Task(name = "bad_zone")
        @Cron(value = "@daily", zone = "Europe/Atlantis")
        public void badZone() {}

        @Task(name = "bad_interval")
        @Every("often")
        public void badInterval(Tick tick) {}

        @Task(name = "both")
        @Every("10m")
        @Cron("@daily")
        public void both() {}

        @Task(name = "fine")
        @Every("10m")
        public void fine() {}

        @Every("10m")
        public void forgotten() {}
    }

    @Test
    void all_that_is_wrong_is_said_at_once_and_nothing_starts() {
        MemoryBroker broker = new MemoryBroker(clock);
        TaskQueueBuilder builder = TaskQueue.builder()
                .broker(broker)
                .clock(clock)
                .tasks(new Wrong())
                .install(Scheduler.create()
                        .schedule(Schedule.of("fine", Timing.every(Duration.ofHours(1)), Call.named("fine")))
                        .schedule(Schedule.of("typo", Timing.every(Duration.ofHours(1)), Call.named("fime"))));

        assertThatThrownBy(builder::start)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("Wrong.withText(String): a scheduled task takes nothing, or a Tick")
                .hasMessageContaining("Wrong.badCron(): Cron \"0 0 30 2 *\": day of month")
                .hasMessageContaining("Wrong.badZone(): zone \"Europe/Atlantis\" is not known")
                .hasMessageContaining("Wrong.badInterval(Tick): interval must be like")
                .hasMessageContaining("Wrong.both(): it has both @Cron and @Every")
                .hasMessageContaining("schedule \"fine\" is defined twice")
                .hasMessageContaining("schedule \"typo\":")
                .hasMessageContaining("did you mean")
                .hasMessageContaining("Wrong.forgotten: @Every is on a method that is no task; add @Task to it")
                .hasMessageContaining("8 problems");
    }

    @Test
    void the_guide_shows_these_errors_as_they_are() throws Exception {
        String guide = Files.readString(Path.of("../docs/guide-schedules.md"));
        int from = guide.indexOf("  - Wrong.");
        List<String> shown =
                guide.substring(from, guide.indexOf("```", from)).lines().toList();

        assertThatThrownBy(TaskQueue.builder().clock(clock).tasks(new Wrong()).install(Scheduler.create())::start)
                .satisfies(error ->
                        assertThat(String.valueOf(error.getMessage()).lines()).containsAll(shown));
        assertThat(shown).hasSize(2);
    }

    @Test
    void a_scheduler_belongs_to_one_queue_and_answers_after_the_start() {
        Scheduler scheduler = Scheduler.create();
        assertThatThrownBy(scheduler::schedules)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("has not started yet");
        builder(scheduler);
        assertThatThrownBy(() -> builder(scheduler)).hasMessageContaining("belongs to a queue already");
        assertThatThrownBy(() -> Scheduler.create().version(-1)).hasMessageContaining("0 or more");
        assertThatThrownBy(() -> Scheduler.create().owner("a b")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Scheduler.create().keepUndefined(Duration.ofSeconds(59)))
                .hasMessageContaining("at least 1 min");
        assertThatThrownBy(() -> Scheduler.create().keepOver(Duration.ofSeconds(59)))
                .hasMessageContaining("keepOver must be at least 1 min");
    }

    @Test
    void a_schedule_whose_key_is_not_here_is_left_for_others() {
        MemoryStore store = new MemoryStore(clock);
        Scheduler stranger = Scheduler.create();
        Scheduler owner = Scheduler.create();
        try (TaskQueue first = sealed(store, "k1", owner).start()) {
            owner.schedules().put(Schedule.of("hello", Timing.every(Duration.ofHours(1)), Call.named("greet", "Ada")));
            assertThat(first.health().live()).isTrue();
        }
        try (TaskQueue other = sealed(store, "k2", stranger).start()) {
            clock.advance(Duration.ofHours(1));
            for (int i = 0; i < 20; i++) {
                clock.advance(Duration.ofSeconds(1));
                Waits.until("a round of the scheduler", () -> hasLookedNow(other));
            }

            ScheduleInfo info = stranger.schedules().get("hello").orElseThrow();
            assertThat(info.problem()).isEmpty();
            assertThat(info.fired()).isZero();
            // A loop is late from when the clock is moved until its thread runs.
            Waits.until("all loops go round", () -> other.health().live());
        }
        Scheduler again = Scheduler.create();
        try (TaskQueue first = sealed(store, "k1", again).start()) {
            until("it fires", () -> again.schedules().get("hello").orElseThrow().fired() > 0);
            Waits.until("all loops go round", () -> first.health().live());
        }
    }

    /** Whether the scheduler has asked the broker since the clock was moved. */
    private static boolean hasLookedNow(TaskQueue queue) {
        return queue.health().checks().stream()
                .anyMatch(
                        check -> check.name().equals("scheduler") && check.age().isZero());
    }

    private TaskQueueBuilder sealed(MemoryStore store, String key, Scheduler scheduler) {
        byte[] secret = new byte[32];
        secret[0] = (byte) key.charAt(1);
        return TaskQueue.builder()
                .broker(new MemoryBroker(store))
                .clock(clock)
                .seal(AesGcmSeal.of(key, new SecretKeySpec(secret, "AES")))
                .install(scheduler);
    }

    @Test
    void its_thread_ends_with_the_queue() {
        builder(Scheduler.create()).start().close();

        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().equals("tidemill-scheduler") && thread.isAlive());
    }

    @Test
    void a_broker_that_was_silent_held_up_the_close_for_a_minute() throws InterruptedException {
        for (String silent : List.of("take", "write", "find")) {
            AtomicBoolean isSilent = new AtomicBoolean();
            CountDownLatch asked = new CountDownLatch(1);
            Broker broker = World.through(
                    (method, request) -> {
                        if (isSilent.get() && method.equals(silent)) {
                            asked.countDown();
                            return new CompletableFuture<>();
                        }
                        return request.send();
                    },
                    Broker.class,
                    new MemoryBroker(clock));
            Scheduler scheduler = Scheduler.create()
                    .owner("shop")
                    .schedule(Schedule.of("s", Timing.every(Duration.ofMinutes(1)), Call.named("greet", "Ada"))
                            .withOverlap(Overlap.SKIP));
            TaskQueue queue = TaskQueue.builder()
                    .broker(broker)
                    .clock(clock)
                    .install(scheduler)
                    .start();
            isSilent.set(true);
            until(silent, () -> asked.getCount() == 0);
            Thread closing = new Thread(queue::close);
            closing.start();

            closing.join(Duration.ofSeconds(30).toMillis());

            assertThat(closing.isAlive()).as("silent at %s", silent).isFalse();
        }
    }
}
