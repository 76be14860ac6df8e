package io.tidemill.schedule;

import static io.tidemill.client.Call.named;

import io.tidemill.TaskQueue;
import io.tidemill.TaskQueueBuilder;
import io.tidemill.broker.Ability;
import io.tidemill.broker.Broker;
import io.tidemill.broker.StoredSchedule;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.broker.memory.MemoryStore;
import io.tidemill.task.Task;
import io.tidemill.test.FakeClock;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What a user may do wrong with schedules, done for real, and what each error must say. */
final class ScheduleErrors {

    private static final Duration MINUTE = Duration.ofMinutes(1);

    /**
     * One mistake.
     *
     * @param row the heading that it stands under
     * @param title what the user did, unique
     * @param wrong does it
     * @param says what the message must hold: what, the value, the limit, the remedy
     */
    record Case(String row, String title, Runnable wrong, List<String> says) {

        /** What the user gets; fails if nothing goes wrong. */
        RuntimeException provoke() {
            try {
                wrong.run();
            } catch (RuntimeException e) {
                return e;
            }
            throw new AssertionError(title + " was let pass");
        }

        @Override
        public String toString() {
            return row + ": " + title;
        }
    }

    private final FakeClock clock = new FakeClock();
    private final List<Case> cases = new ArrayList<>();

    private ScheduleErrors() {}

    /** Every mistake, in the order of the page. */
    static List<Case> all() {
        ScheduleErrors all = new ScheduleErrors();
        all.expressions();
        all.times();
        all.schedules();
        all.annotations();
        all.definitions();
        all.atRunTime();
        return List.copyOf(all.cases);
    }

    private void add(String row, String title, Runnable wrong, String... says) {
        cases.add(new Case(row, title, wrong, List.of(says)));
    }

    private void cron(String title, String expression, String... says) {
        add("cron expressions", title, () -> sink(Timing.cron(expression, ZoneOffset.UTC)), says);
    }

    private Instant now() {
        return Instant.ofEpochMilli(clock.millis());
    }

    /** What is made is of no use. */
    private static void sink(Object made) {
        if (made.toString().isEmpty()) {
            throw new AssertionError("it has no words");
        }
    }

    private void expressions() {
        cron("Too few fields", "0 2 * *", "must have 5 fields", "got 4");
        cron("A number out of range", "61 * * * *", "minute", "61");
        cron("A day that no month has", "0 0 30 2 *", "day of month", "never fire");
        cron("A step that is too large", "*/60 * * * *", "step", "1 to 59");
        cron("A range backwards", "0 22-2 * * *", "hour", "22-23,0-2");
        cron("A name that is misspelt", "0 0 * * MOO", "day of week", "MOO");
        cron("A nickname that is misspelt", "@dayly", "@dayly");
        cron(
                "Too many values",
                IntStream.range(0, 65).mapToObj(i -> String.valueOf(i % 60)).collect(Collectors.joining(","))
                        + " * * * *",
                "64");
        cron("A special day in the wrong field", "0 0 L * 5W", "5W");
    }

    private void times() {
        String row = "times and intervals";
        add(row, "An interval that is too short", () -> sink(Timing.every(Duration.ofMillis(999))), "at least 1 s");
        add(row, "An interval that is too long", () -> sink(Timing.every(Duration.ofDays(3_651))), "3,650 days");
        add(row, "A part of a millisecond", () -> sink(Timing.every(Duration.ofNanos(1_000_000_001))), "whole");
        add(row, "A time before 1970", () -> sink(Timing.once(Instant.ofEpochMilli(-1))), "1970", "9999");
        Timing daily = Timing.every(Duration.ofDays(1));
        add(
                row,
                "A start behind the end",
                () -> sink(daily.endingBefore(Instant.EPOCH.plusSeconds(1)).startingAt(now())),
                "start must be before end");
        add(row, "A negative jitter", () -> sink(daily.jitter(Duration.ofMillis(-1))), "negative");
        add(row, "No missed due time to make up for", () -> sink(Misfire.all(0)), "1 to 1000", "0");
        add(row, "A negative grace", () -> sink(schedule("s").withGrace(Duration.ofMillis(-1))), "grace");
    }

    private static Schedule schedule(String name) {
        return Schedule.of(name, Timing.every(MINUTE), named("report"));
    }

    private void schedules() {
        String row = "what a schedule is made of";
        add(row, "A name with a line feed", () -> sink(schedule("line\nfeed")), "schedule name");
        add(row, "A name that is too long", () -> sink(schedule("x".repeat(201))), "1 to 200", "201");
        add(
                row,
                "A tick beside other arguments",
                () -> sink(schedule("s").withCall(named("report", "Ada", Tick.EACH))),
                "only argument");
        add(
                row,
                "A call with an id",
                () -> sink(schedule("s").withCall(named("report").id("1"))),
                "leave id");
        add(
                row,
                "A call with a delay",
                () -> sink(schedule("s").withCall(named("report").delay(MINUTE))),
                "delay");
    }

    /** Tasks with annotations that are wrong. */
    public static final class Annotated {

        @Task(name = "with_text")
        @Cron("0 2 * * *")
        public void withText(String text) {}

        @Task(name = "bad_zone")
        @Cron(value = "@daily", zone = "Europe/Atlantis")
        public void badZone() {}

        @Task(name = "bad_interval")
        @Every("often")
        public void badInterval() {}

        @Task(name = "both")
        @Every("10m")
        @Cron("@daily")
        public void both() {}

        @Every("10m")
        public void forgotten() {}
    }

    /** A task without a schedule. */
    public static final class Reports {

        @Task(name = "report")
        public void report() {}
    }

    private TaskQueueBuilder builder() {
        return TaskQueue.builder()
                .broker(new MemoryBroker(new MemoryStore(clock)))
                .clock(clock);
    }

    private void start(TaskQueueBuilder builder) {
        builder.start().close();
    }

    private void annotations() {
        add(
                "annotations",
                "Everything that can be wrong with them",
                () -> start(builder().tasks(new Annotated()).install(Scheduler.create())),
                "5 problems",
                "add @Task",
                "a scheduled task takes nothing",
                "Europe/Berlin",
                "both @Cron and @Every");
    }

    private void definitions() {
        String row = "definitions in code";
        add(
                row,
                "A task that is misspelt",
                () -> start(builder()
                        .tasks(new Reports())
                        .install(Scheduler.create().schedule(schedule("s").withCall(named("repotr"))))),
                "did you mean");
        add(
                row,
                "One name twice",
                () -> start(builder()
                        .install(Scheduler.create().schedule(schedule("s")).schedule(schedule("s")))),
                "defined twice");
        add(
                row,
                "A broker that keeps no schedules",
                () -> start(builder().broker(withoutSchedules()).install(Scheduler.create())),
                "cannot keep schedules");
        add(row, "An owner that is no name", () -> sink(Scheduler.create().owner("a b")), "owner");
        add(row, "A negative version", () -> sink(Scheduler.create().version(-1)), "0 or more");
        add(row, "A time that is too short", () -> sink(Scheduler.create().keepOver(Duration.ZERO)), "at least 1 min");
        add(
                row,
                "A scheduler that has not started",
                () -> sink(Scheduler.create().schedules()),
                "install it");
        add(
                row,
                "A scheduler for two queues",
                () -> {
                    Scheduler scheduler = Scheduler.create();
                    start(builder().install(scheduler));
                    start(builder().install(scheduler));
                },
                "make another");
    }

    private Broker withoutSchedules() {
        Broker broker = new MemoryBroker(new MemoryStore(clock));
        Set<Ability> others = EnumSet.complementOf(EnumSet.of(Ability.SCHEDULES));
        return (Broker) Proxy.newProxyInstance(
                Broker.class.getClassLoader(),
                new Class<?>[] {Broker.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "abilities" -> others;
                    case "name" -> "this broker";
                    default -> method.invoke(broker, arguments);
                });
    }

    /** Does it with the schedules of a queue that runs. */
    private Runnable running(Consumer<Schedules> wrong) {
        return () -> {
            Scheduler scheduler = Scheduler.create();
            try (TaskQueue queue = builder().install(scheduler).start()) {
                sink(queue);
                wrong.accept(scheduler.schedules());
            }
        };
    }

    private void atRunTime() {
        String row = "at run time";
        add(
                row,
                "A time that has passed",
                running(schedules -> schedules.put(schedule("s").withTiming(Timing.once(now().minusSeconds(1))))),
                "would never fire");
        add(
                row,
                "A call that is too large",
                running(schedules -> schedules.put(schedule("s")
                        .withCall(Samples.prepared("default", "[\"" + "x".repeat(1 << 20) + "\"]")))),
                "983,040");
        add(
                row,
                "One name twice in a call",
                running(schedules -> schedules.putAll(List.of(schedule("s"), schedule("s")))),
                "twice");
        add(
                row,
                "A backfill of an unknown schedule",
                running(schedules -> schedules.backfill("typo", Instant.EPOCH, now())),
                "\"typo\"");
        add(
                row,
                "A backfill of too many due times",
                running(schedules -> {
                    schedules.put(schedule("s"));
                    schedules.backfill("s", Instant.EPOCH, now());
                }),
                "10000",
                "shorter period");
        add(row, "A schedule that a newer version wrote", this::changeNewer, "left alone", "update this program");
    }

    private void changeNewer() {
        MemoryStore store = new MemoryStore(clock);
        Scheduler scheduler = Scheduler.create();
        byte[] content = "schedule 2\nof another kind".getBytes(StandardCharsets.UTF_8);
        try (MemoryBroker other = new MemoryBroker(store);
                TaskQueue queue = builder()
                        .broker(new MemoryBroker(store))
                        .install(scheduler)
                        .start()) {
            sink(queue);
            other.open();
            other.schedules()
                    .write("default", Optional.empty(), new StoredSchedule("s", "r1", StoredSchedule.NEVER, content))
                    .join();
            scheduler.schedules().pause("s");
        }
    }
}
