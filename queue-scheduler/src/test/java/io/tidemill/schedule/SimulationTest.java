package io.tidemill.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.NewJob;
import io.tidemill.broker.ScheduleStep;
import io.tidemill.client.Call;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Five processes fire schedules on fake time. They are stopped for a while, also between any two requests, lose
 * requests and replies, and are killed and replaced. Jobs vanish as soon as they have run, so no id keeps a second job
 * out. At the end each due time that has come was fired once, or was counted as left out by a policy, and nothing else
 * was stored. A seed that fails is in the message.
 */
@Tag("thorough")
class SimulationTest {

    private static final boolean FULL = Boolean.getBoolean("tidemill.thorough");
    private static final List<String> QUEUES = List.of("default", "mail", "reports");
    private static final List<String> ZONES =
            List.of("UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Gaza");

    @Test
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void every_due_time_fires_exactly_once_by_policy() {
        if (FULL) {
            new Simulation(1, 300, Duration.ofDays(31), true).run();
        }
        for (int seed = 10; seed < (FULL ? 35 : 14); seed++) {
            new Simulation(seed, 30, Duration.ofDays(2), true).run();
        }
    }

    @Test
    void the_simulation_finds_a_scheduler_that_ignores_revisions() {
        boolean isFound = false;
        for (int seed = 0; seed < 40 && !isFound; seed++) {
            try {
                new Simulation(seed, 10, Duration.ofHours(12), false).run();
            } catch (AssertionError e) {
                isFound = true;
            }
        }
        assertThat(isFound).isTrue();
    }

    /** One run. */
    private static final class Simulation {

        private final int seed;
        private final Random random;
        private final Duration length;
        private final int count;
        private final boolean hasSteps;
        private final World world = new World();
        private final List<Member> members = new ArrayList<>();
        private final List<String> ran = new ArrayList<>();
        private boolean hasFaults;
        private int depth;
        private int faults;
        private int kills;

        /** @param hasSteps false plants a bug: a job is stored whatever revision its schedule has */
        Simulation(int seed, int count, Duration length, boolean hasSteps) {
            this.seed = seed;
            this.random = new Random(seed);
            this.length = length;
            this.count = count;
            this.hasSteps = hasSteps;
        }

        /** A process and whether it lives. */
        private final class Member {

            boolean isDead;
            boolean isInRound;
            final World.Process process = world.process(this::hop);

            Object hop(String method, World.Request request) throws Throwable {
                if (isDead) {
                    return TickerHarness.lost();
                }
                if (!hasSteps && method.equals("enqueue")) {
                    forgetRevisions(request.arguments());
                }
                if (!hasFaults) {
                    return request.send();
                }
                int dice = random.nextInt(1_000);
                if (dice < 5) {
                    faults++;
                    return TickerHarness.lost();
                } else if (dice < 10) {
                    faults++;
                    request.send();
                    return TickerHarness.lost();
                } else if (dice < 12) {
                    kills++;
                    isDead = true;
                    if (random.nextBoolean()) {
                        request.send();
                    }
                    return TickerHarness.lost();
                } else if (dice < 60) {
                    othersGoOn();
                }
                return request.send();
            }

            void round() {
                if (isDead || isInRound) {
                    return;
                }
                isInRound = true;
                process.ticker.round();
                isInRound = false;
            }
        }

        /** The planted bug: each step expects what happens to be there. */
        @SuppressWarnings("unchecked") // what enqueue takes
        private void forgetRevisions(Object[] arguments) {
            List<NewJob> jobs = new ArrayList<>();
            for (NewJob job : (List<NewJob>) arguments[1]) {
                ScheduleStep step = job.constraints().step();
                String revision = world.eye
                        .schedules()
                        .find((String) arguments[0], step.after().name())
                        .join()
                        .orElseThrow()
                        .revision();
                jobs.add(job.with(job.constraints().withStep(new ScheduleStep(revision, step.after()))));
            }
            arguments[1] = jobs;
        }

        /** This process is stopped here, and the others are not. */
        private void othersGoOn() {
            if (depth < 2) {
                depth++;
                if (random.nextBoolean()) {
                    world.clock.advance(Duration.ofMillis(random.nextInt(20_000)));
                }
                members.get(random.nextInt(members.size())).round();
                if (random.nextBoolean()) {
                    drain();
                }
                depth--;
            }
        }

        void run() {
            try {
                simulate();
            } finally {
                world.close();
            }
        }

        private void simulate() {
            for (int i = 0; i < 5; i++) {
                members.add(new Member());
            }
            Schedules schedules = members.get(0).process.schedules;
            Instant began = world.now();
            List<Schedule> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                Schedule schedule = schedule(i);
                all.add(schedule);
                schedules.put(schedule);
            }
            hasFaults = true;
            while (world.now().isBefore(began.plus(length))) {
                step();
            }
            hasFaults = false;
            settle();
            World.Process last = world.process();
            Set<String> unique = new HashSet<>(ran);
            assertThat(ran)
                    .as("seed %d: jobs that ran, %d faults, %d kills", seed, faults, kills)
                    .hasSameSizeAs(unique);
            long fired = 0;
            for (Schedule schedule : all) {
                fired += check(schedule, last.get(schedule.name()), began, unique);
            }
            assertThat((long) ran.size()).as("seed %d", seed).isEqualTo(fired);
            assertThat(fired).as("seed %d is not idle", seed).isGreaterThan(count);
            assertThat(faults).isPositive();
            assertThat(kills).isPositive();
        }

        private Schedule schedule(int i) {
            Timing timing = random.nextBoolean()
                    ? Timing.every(Duration.ofMinutes(5 + random.nextInt(500)))
                    : Timing.cron(
                            random.nextInt(60) + " " + (random.nextBoolean() ? "*/3" : "1-4,12") + " * * *",
                            ZoneId.of(ZONES.get(random.nextInt(ZONES.size()))));
            Call<Object> call = Call.named("report").queue(QUEUES.get(random.nextInt(QUEUES.size())));
            Schedule schedule = Schedule.of("s" + i, timing.jitter(Duration.ofSeconds(random.nextInt(100))), call);
            if (i % 2 == 0) {
                return schedule.withMisfire(Misfire.all(1_000));
            }
            return schedule.withMisfire(random.nextBoolean() ? Misfire.ONCE : Misfire.SKIP)
                    .withOverlap(Overlap.values()[random.nextInt(Overlap.values().length)])
                    .withGrace(Duration.ofSeconds(random.nextInt(600)));
        }

        private void step() {
            boolean areAllStopped = random.nextInt(500) == 0;
            world.clock.advance(
                    areAllStopped
                            ? Duration.ofMinutes(10 + random.nextInt(240))
                            : Duration.ofMillis(random.nextInt(120_000)));
            for (int i = 0; i < members.size(); i++) {
                if (members.get(i).isDead) {
                    // Hundreds are killed, and the threads of each would wake up whenever the clock moves.
                    members.get(i).process.close();
                    members.set(i, new Member());
                }
                if (random.nextInt(3) == 0) {
                    members.get(i).round();
                }
            }
            if (random.nextInt(4) != 0) {
                drain();
            }
        }

        private void drain() {
            QUEUES.forEach(queue -> ran.addAll(world.drain(queue)));
        }

        /** Until everything that is due has fired. */
        private void settle() {
            World.Process another = world.process();
            for (int i = 0; i < 60; i++) {
                world.clock.advance(Duration.ofSeconds(1));
                members.stream().filter(member -> !member.isDead).forEach(Member::round);
                another.ticker.round();
                drain();
            }
        }

        /** Gives how many of its jobs ran. */
        private long check(Schedule schedule, ScheduleInfo info, Instant began, Set<String> jobs) {
            ScheduleState state = ScheduleAccess.readable(info);
            Timing timing = schedule.timing();
            long came = 0;
            long stored = 0;
            Instant due = timing.next(began).orElseThrow();
            while (due.toEpochMilli() < state.due()) {
                came++;
                stored += jobs.contains(Planner.jobId(schedule.name(), due)) ? 1 : 0;
                due = timing.next(due).orElseThrow();
            }
            String what = "seed " + seed + ", " + schedule + ", " + state.counts();
            assertThat(timing.fireTime(schedule.name(), due))
                    .as("%s: it has come to all", what)
                    .isAfter(world.now());
            if (schedule.overlap() == Overlap.CANCEL_PREVIOUS) {
                assertThat(stored).as("%s: some were cancelled", what).isLessThanOrEqualTo(info.fired());
            } else {
                assertThat(stored).as("%s: jobs that it counted", what).isEqualTo(info.fired());
            }
            assertThat(info.fired()
                            + info.skipped()
                            + info.missed()
                            + (info.waiting().isPresent() ? 1 : 0))
                    .as("%s: due times that came", what)
                    .isEqualTo(came);
            if (schedule.misfire().name().equals("ALL")) {
                assertThat(info.fired()).as("%s: none is left out", what).isEqualTo(came);
            }
            return stored;
        }
    }
}
