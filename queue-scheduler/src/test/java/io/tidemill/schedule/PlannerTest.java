package io.tidemill.schedule;

import static io.tidemill.schedule.Samples.EVERY_MINUTE;
import static io.tidemill.schedule.Samples.START;
import static io.tidemill.schedule.Samples.at;
import static io.tidemill.schedule.Samples.schedule;
import static io.tidemill.schedule.Samples.seen;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.broker.StoredSchedule;
import io.tidemill.client.Call;
import io.tidemill.schedule.HistoryEntry.What;
import io.tidemill.schedule.Samples.Seen;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a schedule does at a time, without any broker. */
class PlannerTest {

    private static final boolean FULL = Boolean.getBoolean("tidemill.thorough");

    @Test
    void a_due_time_fires_once_and_the_next_one_follows() {
        Seen seen = seen(schedule(EVERY_MINUTE));

        seen.look("2026-01-01T00:00:30Z");
        assertThat(seen.fired).isEmpty();

        seen.look("2026-01-01T00:01:00Z").look("2026-01-01T00:01:00Z").look("2026-01-01T00:01:59.999Z");
        assertThat(seen.fired).containsExactly(at("00:01:00"));

        seen.look("2026-01-01T00:02:00.005Z");
        assertThat(seen.fired).containsExactly(at("00:01:00"), at("00:02:00"));
        assertThat(seen.state.counts()).isEqualTo(new ScheduleState.Counts(2, 0, 0));
        assertThat(seen.whats()).containsExactly(What.FIRED, What.FIRED);
        assertThat(seen.state.lastJob()).isEqualTo("s@2026-01-01T00:02:00Z");
        assertThat(seen.plans.get(4).firings().get(0).tick()).isEqualTo(new Tick("s", at("00:02:00"), at("00:01:00")));
        assertThat(seen.plans.get(1).firings().get(0).tick()).isEqualTo(new Tick("s", at("00:01:00"), null));
    }

    @Test
    void a_look_before_the_due_time_changes_nothing() {
        ScheduleState state = Samples.state(schedule(EVERY_MINUTE));

        assertThat(Planner.plan("s", state, at("00:00:59.999").toEpochMilli(), false, 10)
                        .end())
                .isSameAs(state);
    }

    @Test
    void what_is_late_but_within_the_grace_fires_each() {
        Seen seen = seen(schedule(EVERY_MINUTE).withGrace(Duration.ofMinutes(3)));

        seen.look("2026-01-01T00:04:00Z");

        assertThat(seen.fired).containsExactly(at("00:01:00"), at("00:02:00"), at("00:03:00"), at("00:04:00"));
        assertThat(seen.state.counts().missed()).isZero();
    }

    @Test
    void missed_due_times_are_left_out_by_skip() {
        Seen seen = seen(schedule(EVERY_MINUTE).withMisfire(Misfire.SKIP));

        seen.look("2026-01-01T02:00:30Z");

        assertThat(seen.fired).containsExactly(at("02:00:00"));
        assertThat(seen.state.counts()).isEqualTo(new ScheduleState.Counts(1, 0, 119));
        HistoryEntry missed = seen.state.history().get(1);
        assertThat(missed.what()).isEqualTo(What.MISSED);
        assertThat(missed.count()).isEqualTo(119);
        assertThat(missed.due()).isEqualTo(at("01:59:00"));
    }

    @Test
    void the_newest_missed_due_time_fires_by_once() {
        Seen seen = seen(schedule(EVERY_MINUTE));

        seen.look("2026-01-01T02:00:30Z");

        assertThat(seen.fired).containsExactly(at("01:59:00"), at("02:00:00"));
        assertThat(seen.state.counts()).isEqualTo(new ScheduleState.Counts(2, 0, 118));
        assertThat(seen.state.due()).isEqualTo(at("02:01:00").toEpochMilli());
    }

    @Test
    void a_nightly_report_is_written_once_after_a_weekend() {
        ZoneId berlin = ZoneId.of("Europe/Berlin");
        Seen seen = seen(schedule(Timing.cron("0 2 * * *", berlin)));

        seen.look("2026-01-05T09:00:00Z");

        assertThat(seen.fired).containsExactly(Instant.parse("2026-01-05T01:00:00Z"));
        assertThat(seen.state.counts().missed()).isEqualTo(4);
    }

    @Test
    void the_newest_n_missed_due_times_fire_by_all() {
        Seen seen = seen(schedule(EVERY_MINUTE).withMisfire(Misfire.all(3)));

        seen.look("2026-01-01T00:10:30Z");

        assertThat(seen.fired).containsExactly(at("00:07:00"), at("00:08:00"), at("00:09:00"), at("00:10:00"));
        assertThat(seen.state.counts()).isEqualTo(new ScheduleState.Counts(4, 0, 6));
    }

    @Test
    void jobs_beyond_the_bound_of_a_look_fire_at_the_next_one() {
        ScheduleState state = Samples.state(schedule(EVERY_MINUTE).withMisfire(Misfire.all(1_000)));
        long now = at("08:20:00").toEpochMilli();
        List<Instant> fired = new ArrayList<>();

        for (int look = 0; look < 6; look++) {
            Plan plan = Planner.plan("s", state, now, false, 100);
            assertThat(plan.firings()).hasSizeLessThanOrEqualTo(100);
            plan.firings().forEach(firing -> fired.add(firing.tick().due()));
            state = plan.end();
        }

        assertThat(fired).hasSize(500).isSorted().doesNotHaveDuplicates();
        assertThat(state.counts()).isEqualTo(new ScheduleState.Counts(500, 0, 0));
    }

    @Test
    void an_outage_of_years_is_planned_in_bounded_time() {
        Timing everySecond = Timing.cron("* * * * * *", ZoneId.of("America/New_York"));
        for (Misfire misfire : List.of(Misfire.SKIP, Misfire.ONCE, Misfire.all(1_000))) {
            Seen seen = seen(schedule(everySecond).withMisfire(misfire).withGrace(Duration.ZERO));
            Instant now = Instant.parse("2029-07-01T12:00:00Z");
            long began = System.nanoTime();

            seen.look(now, false);

            // Only a net: the search of each second of these years would take minutes.
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
            assertThat(seen.state.counts().missed()).isGreaterThanOrEqualTo(PendingTimes.MOST_STEPS - 1_000);
            List<Instant> expected = Stream.iterate(now, it -> it.minusSeconds(1))
                    .limit(misfire.most() + 1L)
                    .sorted()
                    .toList();
            assertThat(seen.fired).as("%s", misfire).isEqualTo(expected.subList(0, Math.min(1_000, expected.size())));
        }
    }

    @Test
    void a_single_time_fires_once_and_is_over() {
        Seen seen = seen(schedule(Timing.once(at("00:05:00"))));

        seen.look("2026-01-01T00:05:00Z").look("2026-01-01T00:06:00Z");

        assertThat(seen.fired).containsExactly(at("00:05:00"));
        assertThat(seen.state.due()).isEqualTo(ScheduleState.NONE);
        assertThat(seen.state.fireAt("s", at("00:06:00").toEpochMilli())).isEqualTo(StoredSchedule.NEVER);
    }

    @Test
    void nothing_fires_from_the_end_on() {
        Seen seen = seen(schedule(EVERY_MINUTE.endingBefore(at("00:03:00"))).withGrace(Duration.ofHours(1)));

        seen.look("2026-01-01T00:10:00Z");

        assertThat(seen.fired).containsExactly(at("00:01:00"), at("00:02:00"));
        assertThat(seen.state.due()).isEqualTo(ScheduleState.NONE);
    }

    @Test
    void a_daily_task_fires_once_in_the_nights_in_which_clocks_are_moved() {
        ZoneId berlin = ZoneId.of("Europe/Berlin");
        for (String night : List.of("2026-03-29", "2026-10-25")) {
            Instant from = Instant.parse(night + "T00:00:00Z").minusSeconds(4 * 3600);
            Seen seen = new Seen(Samples.state(schedule(Timing.cron("30 2 * * *", berlin)), from));

            for (int minute = 0; minute < 8 * 60; minute++) {
                seen.look(from.plusSeconds(60L * minute), false);
            }

            assertThat(seen.fired)
                    .containsExactly(Instant.parse(
                            night.equals("2026-03-29") ? "2026-03-29T01:00:00Z" : "2026-10-25T00:30:00Z"));
        }
    }

    @Test
    void jitter_moves_the_job_and_not_its_due_time() {
        Timing timing = EVERY_MINUTE.jitter(Duration.ofSeconds(30));
        Instant fires = timing.fireTime("s", at("00:01:00"));
        assertThat(fires).isAfter(at("00:01:00"));
        Seen seen = seen(schedule(timing));

        seen.look(fires.minusMillis(1), false);
        assertThat(seen.fired).isEmpty();

        seen.look(fires, false);
        assertThat(seen.fired).containsExactly(at("00:01:00"));
    }

    @Test
    void a_paused_schedule_does_nothing_and_goes_on_from_when_it_is_resumed() {
        Seen seen = seen(schedule(EVERY_MINUTE).withMisfire(Misfire.all(1_000)));
        seen.state = seen.state.pause(0);

        seen.look("2026-01-01T00:10:00Z");
        assertThat(seen.fired).isEmpty();
        assertThat(seen.state.fireAt("s", 0)).isEqualTo(StoredSchedule.NEVER);

        seen.state = seen.state.resume(at("00:10:30").toEpochMilli());
        seen.look("2026-01-01T00:11:00Z");
        assertThat(seen.fired).containsExactly(at("00:11:00"));
    }

    @Test
    void a_pause_that_ends_before_the_due_time_changes_nothing() {
        Seen seen = seen(schedule(Timing.once(at("00:05:00"))));

        seen.state = seen.state.pause(0).resume(at("00:04:00").toEpochMilli());

        assertThat(seen.look("2026-01-01T00:05:00Z").fired).containsExactly(at("00:05:00"));
    }

    @Test
    void a_changed_timing_counts_from_the_change() {
        Seen seen = seen(schedule(EVERY_MINUTE));
        Schedule changed = schedule(Timing.every(Duration.ofHours(1)));

        seen.state = seen.state.define(
                Definition.of(changed, Samples.prepared("default", "[]")),
                null,
                at("00:30:00").toEpochMilli());

        seen.look("2026-01-01T00:31:00Z").look("2026-01-01T01:00:00Z");
        assertThat(seen.fired).containsExactly(at("01:00:00"));
    }

    @Test
    void a_changed_call_loses_no_due_time() {
        Seen seen = seen(schedule(EVERY_MINUTE));

        seen.state = seen.state.define(
                Definition.of(schedule(EVERY_MINUTE), Samples.prepared("default", "[1]")),
                null,
                at("00:01:30").toEpochMilli());

        assertThat(seen.look("2026-01-01T00:01:40Z").fired).containsExactly(at("00:01:00"));
    }

    @Test
    void the_history_keeps_the_newest_twenty() {
        Seen seen = seen(schedule(EVERY_MINUTE));

        for (int minute = 1; minute <= 45; minute++) {
            seen.look(START.plusSeconds(60L * minute), false);
        }

        assertThat(seen.state.history()).hasSize(20);
        assertThat(seen.state.history().get(0).due()).isEqualTo(at("00:45:00"));
        assertThat(seen.state.history().get(19).due()).isEqualTo(at("00:26:00"));
    }

    @Test
    @Tag("thorough")
    void however_often_and_late_somebody_looks_each_due_time_is_fired_or_counted_once() {
        for (int seed = 0; seed < (FULL ? 300 : 75); seed++) {
            Random random = new Random(seed);
            Timing timing = random.nextBoolean()
                    ? Timing.every(Duration.ofSeconds(1 + random.nextInt(200)))
                    : Timing.cron(1 + random.nextInt(9) + "/" + (1 + random.nextInt(7)) + " * * * *", ZoneOffset.UTC);
            Misfire misfire = List.of(Misfire.SKIP, Misfire.ONCE, Misfire.all(1 + random.nextInt(30)))
                    .get(random.nextInt(3));
            Seen seen = seen(schedule(timing.jitter(Duration.ofSeconds(random.nextInt(90))))
                    .withMisfire(misfire)
                    .withOverlap(Overlap.values()[random.nextInt(4)])
                    .withGrace(Duration.ofSeconds(random.nextInt(300))));
            Instant now = START;
            for (int look = 0; look < 60; look++) {
                now = now.plusMillis(random.nextInt(random.nextInt(10) == 0 ? 3_000_000 : 70_000));
                seen.look(now, random.nextInt(3) == 0);
            }

            long came = 0;
            Instant time = timing.next(START).orElseThrow();
            long due = seen.state.due();
            while (time.toEpochMilli() < due) {
                came++;
                time = timing.next(time).orElseThrow();
            }
            ScheduleState.Counts counts = seen.state.counts();
            long waiting = seen.state.waiting() == ScheduleState.NONE ? 0 : 1;
            assertThat(counts.fired() + counts.skipped() + counts.missed() + waiting)
                    .as("seed %d: %s", seed, counts)
                    .isEqualTo(came);
            assertThat(seen.fired).as("seed %d", seed).isSorted().doesNotHaveDuplicates();
            assertThat(counts.fired()).isEqualTo(seen.fired.size());
        }
    }

    @Test
    void what_was_held_back_and_has_nothing_to_fire_any_more_is_not_looked_at_all_the_time() {
        Seen seen = seen(schedule(EVERY_MINUTE).withMisfire(Misfire.SKIP).withGrace(Duration.ZERO));
        long until = at("00:01:30").toEpochMilli();
        seen.state = seen.state.withTrouble(new ScheduleState.Trouble("too large", 5, until));

        seen.look("2026-01-01T00:01:30Z");

        assertThat(seen.fired).isEmpty();
        assertThat(seen.state.fireAt("s", until)).isEqualTo(at("00:02:00").toEpochMilli());
    }

    @Test
    void names_and_calls_that_cannot_be_are_refused() {
        assertThatThrownBy(() -> Schedule.of("x".repeat(201), EVERY_MINUTE, Samples.prepared("q", "[]")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 to 200");
        assertThatThrownBy(() -> Schedule.of("", EVERY_MINUTE, Samples.prepared("q", "[]")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Schedule.of("s", EVERY_MINUTE, Call.named("t").id("7")))
                .hasMessageContaining("leave id, delay and at out");
        assertThatThrownBy(() -> Misfire.all(1_001)).hasMessageContaining("1 to 1000");
        assertThatThrownBy(() -> schedule(EVERY_MINUTE).withGrace(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
