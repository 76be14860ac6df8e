package io.tidemill.schedule;

import io.tidemill.broker.NewJob;
import io.tidemill.client.PreparedJob;
import io.tidemill.record.Job;
import io.tidemill.record.JobCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** States of schedules for tests, and what becomes of them when somebody looks. */
final class Samples {

    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    static final Timing EVERY_MINUTE = Timing.cron("* * * * *", ZoneOffset.UTC);

    private Samples() {}

    static PreparedJob prepared(String queue, String payload) {
        Job job =
                new Job("report", payload.getBytes(StandardCharsets.UTF_8), START.toEpochMilli(), null, null, Map.of());
        return new PreparedJob(queue, "report", NewJob.now("pattern", JobCodec.encode(job), 4), 0, null);
    }

    static Schedule schedule(Timing timing) {
        return Schedule.of("s", timing, prepared("default", "[]"));
    }

    static ScheduleState state(Schedule schedule) {
        return state(schedule, START);
    }

    static ScheduleState state(Schedule schedule, Instant now) {
        Definition definition = Definition.of(schedule, (PreparedJob) schedule.call());
        return ScheduleState.of(definition, null, schedule.isPaused(), now.toEpochMilli());
    }

    /** What was planned at each look, and the state after the last. */
    static final class Seen {

        ScheduleState state;
        final List<Instant> fired = new ArrayList<>();
        final List<Plan> plans = new ArrayList<>();

        Seen(ScheduleState state) {
            this.state = state;
        }

        Seen look(Instant now, boolean isRunning) {
            Plan plan = Planner.plan("s", state, now.toEpochMilli(), isRunning, 1_000);
            plans.add(plan);
            plan.firings().forEach(firing -> fired.add(firing.tick().due()));
            // What is stored is read back: nothing may live in memory only.
            state = ScheduleCodec.decode(ScheduleCodec.encode(plan.end()));
            return this;
        }

        Seen look(String now) {
            return look(Instant.parse(now), false);
        }

        Seen lookWhileRunning(String now) {
            return look(Instant.parse(now), true);
        }

        List<HistoryEntry.What> whats() {
            return state.history().stream().map(HistoryEntry::what).toList();
        }
    }

    static Seen seen(Schedule schedule) {
        return new Seen(state(schedule));
    }

    static Instant at(String time) {
        return Instant.parse("2026-01-01T" + time + "Z");
    }

    static Duration seconds(long count) {
        return Duration.ofSeconds(count);
    }
}
