package io.tidemill.schedule;

import static io.tidemill.schedule.Samples.at;
import static io.tidemill.schedule.World.every;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Claim;
import io.tidemill.broker.Completion;
import io.tidemill.client.Call;
import io.tidemill.task.JobState;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Schedules that fire into a broker in memory, round by round. */
class TickerTest extends TickerHarness {

    @Test
    void a_schedule_stores_a_job_at_each_due_time() {
        World.Process process = world.process();
        process.schedules.put(every("s", MINUTE));

        world.run(Duration.ofSeconds(150), process);

        assertThat(world.drain("default")).containsExactly("s@2026-01-01T00:01:00Z", "s@2026-01-01T00:02:00Z");
        assertThat(process.fired)
                .containsExactly(new Tick("s", at("00:01:00"), null), new Tick("s", at("00:02:00"), at("00:01:00")));
        ScheduleInfo info = process.get("s");
        assertThat(info.fired()).isEqualTo(2);
        assertThat(info.lastDue()).contains(at("00:02:00"));
        assertThat(info.next()).contains(at("00:03:00"));
        assertThat(info.upcoming(3)).containsExactly(at("00:03:00"), at("00:04:00"), at("00:05:00"));
        assertThat(info.describe()).isEqualTo("every minute");
    }

    @Test
    void five_processes_store_one_job_at_each_due_time() {
        World.Process[] processes = new World.Process[5];
        for (int i = 0; i < processes.length; i++) {
            processes[i] = world.process();
        }
        processes[0].schedules.put(every("s", MINUTE));
        List<String> stored = new ArrayList<>();

        for (int second = 0; second < 600; second++) {
            world.advance(Duration.ofSeconds(1), processes);
            stored.addAll(world.drain("default"));
        }

        assertThat(stored).hasSize(10).doesNotHaveDuplicates();
    }

    @Test
    void it_sleeps_until_the_next_due_time_but_no_longer_than_a_second() {
        World.Process process = world.process();
        assertThat(process.ticker.round()).isLessThanOrEqualTo(Duration.ofSeconds(1));
        process.schedules.put(Schedule.of("s", Timing.every(Duration.ofMillis(1_300)), Call.named("report")));

        Duration wait = process.ticker.round();
        assertThat(wait).isBetween(Duration.ofMillis(1), Duration.ofSeconds(1));
        for (int round = 0; round < 40; round++) {
            world.clock.advance(wait);
            wait = process.ticker.round();
        }

        List<Long> late = process.get("s").history().stream()
                .map(entry -> entry.at().toEpochMilli() - entry.due().toEpochMilli())
                .toList();
        assertThat(late).hasSizeGreaterThan(10).allMatch(millis -> millis == 0);
    }

    @Test
    void a_hundred_and_more_that_are_due_together_fire_in_one_round_each() {
        World.Process process = world.process();
        for (int i = 0; i < 250; i++) {
            process.schedules.put(every("s" + i, MINUTE));
        }
        process.ticker.round();

        world.clock.advance(MINUTE);
        Duration wait = process.ticker.round();
        assertThat(wait).as("more are due now").isZero();
        process.ticker.round();
        process.ticker.round();

        assertThat(world.drain("default")).hasSize(250).doesNotHaveDuplicates();
    }

    @Test
    void the_jobs_of_one_schedule_that_was_late_are_chained() {
        World.Process process = world.process();
        process.schedules.put(every("s", Duration.ofSeconds(1)).withMisfire(Misfire.all(1_000)));

        world.clock.advance(Duration.ofSeconds(700));
        for (int round = 0; round < 8; round++) {
            process.ticker.round();
        }

        assertThat(world.drain("default")).hasSize(700).doesNotHaveDuplicates().isSorted();
        assertThat(process.get("s").fired()).isEqualTo(700);
        assertThat(process.get("s").missed()).isZero();
    }

    @Test
    void a_job_whose_reply_was_lost_is_not_stored_twice() {
        AtomicBoolean isLosing = new AtomicBoolean();
        World.Process process = world.process((method, request) -> {
            Object answer = request.send();
            return method.equals("enqueue") && isLosing.getAndSet(false) ? lost() : answer;
        });
        process.schedules.put(every("s", MINUTE));

        isLosing.set(true);
        world.run(Duration.ofSeconds(90), process);

        assertThat(isLosing).isFalse();
        assertThat(world.drain("default")).containsExactly("s@2026-01-01T00:01:00Z");
        assertThat(process.get("s").fired()).isEqualTo(1);
    }

    @Test
    void after_an_outage_it_goes_on_by_itself() {
        AtomicBoolean isAway = new AtomicBoolean();
        World.Process process = world.process((method, request) -> isAway.get() ? lost() : request.send());
        process.schedules.put(every("s", MINUTE));
        process.ticker.round();

        isAway.set(true);
        world.run(Duration.ofMinutes(10), process);
        assertThat(world.drain("default")).isEmpty();

        isAway.set(false);
        world.run(Duration.ofSeconds(10), process);
        assertThat(world.drain("default"))
                .as("the newest missed one, and the one that is late but not too late")
                .containsExactly("s@2026-01-01T00:09:00Z", "s@2026-01-01T00:10:00Z");
    }

    @Test
    void skip_looks_whether_the_last_job_has_ended() {
        World.Process process = world.process();
        process.schedules.put(every("s", MINUTE).withOverlap(Overlap.SKIP));

        world.run(Duration.ofSeconds(61), process);
        List<Claim> running = world.claim("default");
        world.run(Duration.ofSeconds(60), process);
        assertThat(process.get("s").skipped()).isEqualTo(1);
        world.complete("default", running);
        world.run(Duration.ofSeconds(60), process);

        assertThat(running).hasSize(1);
        assertThat(world.drain("default")).containsExactly("s@2026-01-01T00:03:00Z");
    }

    @Test
    void a_due_time_that_waits_fires_within_a_second_of_the_end_of_the_last_job() {
        World.Process process = world.process();
        process.schedules.put(every("s", MINUTE).withOverlap(Overlap.BUFFER_ONE));
        world.run(Duration.ofSeconds(61), process);
        List<Claim> running = world.claim("default");
        world.run(Duration.ofSeconds(80), process);
        assertThat(process.get("s").waiting()).contains(at("00:02:00"));
        assertThat(world.drain("default")).isEmpty();

        world.clock.advance(Duration.ofMillis(1));
        world.eye
                .complete(
                        "default",
                        List.of(new Completion.Succeeded(
                                running.get(0).id(), running.get(0).token(), null, 0)),
                        null)
                .join();
        world.run(Duration.ofSeconds(2), process);

        assertThat(world.drain("default")).containsExactly("s@2026-01-01T00:02:00Z");
        assertThat(process.get("s").waiting()).isEmpty();
    }

    @Test
    void cancel_previous_cancels_the_job_that_waits_and_stores_the_next() {
        World.Process process = world.process();
        process.schedules.put(every("s", MINUTE).withOverlap(Overlap.CANCEL_PREVIOUS));

        world.run(Duration.ofSeconds(121), process);

        assertThat(process.queue.job("default", "s@2026-01-01T00:01:00Z").state())
                .contains(JobState.CANCELLED);
        assertThat(world.drain("default")).containsExactly("s@2026-01-01T00:02:00Z");
    }

    @Test
    void each_job_is_given_its_tick() {
        World.Process process = world.process();
        process.schedules.put(Schedule.of("s", Timing.every(MINUTE), Call.named("report", Tick.EACH)));

        world.run(Duration.ofSeconds(121), process);

        List<String> bodies = world.claim("default").stream()
                .map(claim -> new String(claim.body(), StandardCharsets.UTF_8))
                .toList();
        assertThat(bodies.get(1))
                .contains("\"schedule\":\"s\"", "2026-01-01T00:02:00Z", "\"previous\":\"2026-01-01T00:01:00Z\"");
    }

    @Test
    void a_due_time_that_waits_is_left_out_when_the_overlap_policy_changes() {
        World.Process process = world.process();
        process.schedules.put(every("s", MINUTE).withOverlap(Overlap.BUFFER_ONE));
        world.run(Duration.ofSeconds(121), process);

        process.schedules.put(every("s", MINUTE).withOverlap(Overlap.SKIP));
        assertThat(process.get("s").waiting()).isEmpty();
        world.drain("default");
        world.run(Duration.ofSeconds(5), process);

        assertThat(world.drain("default")).isEmpty();
    }

    @Test
    void jitter_counted_as_lateness() {
        World.Process process = world.process();
        Timing timing = Timing.every(Duration.ofHours(1)).jitter(Duration.ofMinutes(30));
        process.schedules.put(Schedule.of("s", timing, Call.named("report")));

        world.run(Duration.ofMinutes(100), process);

        assertThat(timing.fireTime("s", at("01:00:00"))).isAfter(at("01:00:05"));
        assertThat(process.fired).extracting(Tick::due).containsExactly(at("01:00:00"));
        assertThat(process.lates.get(0)).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void a_due_time_that_waited_survived_a_pause_and_fired_long_after() {
        World.Process process = world.process();
        process.schedules.put(every("s", MINUTE).withOverlap(Overlap.BUFFER_ONE));
        world.run(Duration.ofSeconds(121), process);
        assertThat(process.get("s").waiting()).contains(at("00:02:00"));

        process.schedules.pause("s");
        assertThat(process.get("s").waiting()).isEmpty();
        assertThat(process.get("s").skipped()).isEqualTo(1);
        world.drain("default");
        world.clock.advance(Duration.ofDays(30));
        process.schedules.resume("s");
        world.run(Duration.ofSeconds(3), process);

        assertThat(world.drain("default")).isEmpty();
    }
}
