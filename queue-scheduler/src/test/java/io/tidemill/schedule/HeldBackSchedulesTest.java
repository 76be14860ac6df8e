package io.tidemill.schedule;

import static io.tidemill.schedule.Samples.at;
import static io.tidemill.schedule.World.every;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.broker.Claim;
import io.tidemill.broker.StoredSchedule;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Schedules that cannot fire: calls that are refused, content that a process cannot read, a clock that is set back. */
class HeldBackSchedulesTest extends TickerHarness {

    @Test
    void what_cannot_be_fired_is_held_back_longer_and_longer_and_stops_nobody_else() {
        World.Process process = world.process();
        process.schedules.put(every("bad", MINUTE));
        process.schedules.put(every("good", MINUTE));
        spoilCall("bad");

        world.run(Duration.ofMinutes(10), process);

        assertThat(world.drain("default")).hasSize(10).allMatch(id -> id.startsWith("good@"));
        ScheduleInfo bad = process.get("bad");
        assertThat(bad.problem().orElseThrow()).contains("cannot be enqueued");
        assertThat(bad.fired()).isZero();
        assertThat(bad.next()).contains(at("00:01:00"));
        assertThat(bad.state().trouble().tries()).isBetween(8, 11);

        process.schedules.put(every("bad", MINUTE)
                .withOverlap(Overlap.SKIP)
                .withOverlap(Overlap.ALLOW)
                .withGrace(MINUTE.plusMillis(1)));
        world.run(Duration.ofSeconds(2), process);
        assertThat(process.get("bad").problem()).isEmpty();
        assertThat(world.drain("default")).isNotEmpty().allMatch(id -> id.startsWith("bad@"));
    }

    /** As if another program had written it. */
    private void spoilCall(String name) {
        StoredSchedule stored =
                world.eye.schedules().find("default", name).join().orElseThrow();
        ScheduleState state = ScheduleCodec.decode(stored.content());
        Definition spoilt = new Definition(
                state.definition().timing(),
                state.definition().misfire(),
                state.definition().graceMillis(),
                state.definition().overlap(),
                false,
                "prepared 9\n".getBytes(StandardCharsets.UTF_8));
        long now = world.clock.millis();
        ScheduleState after = state.define(spoilt, null, now);
        assertThat(world.eye
                        .schedules()
                        .write("default", Optional.of(stored.revision()), ScheduleAccess.stored(name, after, now))
                        .join())
                .isTrue();
    }

    @Test
    void what_a_newer_version_wrote_is_left_alone() {
        World.Process process = world.process();
        process.schedules.put(every("good", MINUTE));
        byte[] content = "schedule 2\nof another kind".getBytes(StandardCharsets.UTF_8);
        world.eye
                .schedules()
                .write("default", Optional.empty(), new StoredSchedule("newer", "r1", world.clock.millis(), content))
                .join();

        world.run(Duration.ofSeconds(70), process);

        StoredSchedule kept =
                world.eye.schedules().find("default", "newer").join().orElseThrow();
        assertThat(kept.content()).isEqualTo(content);
        assertThat(world.drain("default")).containsExactly("good@2026-01-01T00:01:00Z");
        ScheduleInfo info = process.get("newer");
        assertThat(info.problem().orElseThrow()).contains("layout 2");
        assertThat(info.definition()).isEmpty();
        assertThatThrownBy(() -> process.schedules.pause("newer"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("left alone");
        assertThat(process.schedules.remove("newer")).isTrue();
    }

    /** Another process fires it, one of the newer version: here the test itself. */
    @Test
    void a_process_that_could_not_read_a_schedule_held_it_up_for_those_that_can() {
        World.Process process = world.process();
        process.schedules.put(every("good", MINUTE));
        byte[] content = "schedule 2\nof another kind".getBytes(StandardCharsets.UTF_8);
        long due = world.clock.millis() + 7_000;
        world.eye
                .schedules()
                .write("default", Optional.empty(), new StoredSchedule("newer", "r0", due, content))
                .join();

        for (int second = 1; second <= 200; second++) {
            world.advance(Duration.ofSeconds(1), process);
            List<StoredSchedule> taken = world.eye
                    .schedules()
                    .take("default", 100, 5_000, Set.of("good"))
                    .join()
                    .schedules();
            if (second % 7 != 0) {
                assertThat(taken).as("second %d", second).isEmpty();
                continue;
            }
            assertThat(taken).extracting(StoredSchedule::fireAtMillis).containsExactly(world.clock.millis());
            StoredSchedule next = new StoredSchedule("newer", "r" + second, world.clock.millis() + 7_000, content);
            assertThat(world.eye
                            .schedules()
                            .write("default", Optional.of(taken.get(0).revision()), next)
                            .join())
                    .isTrue();
        }

        assertThat(world.drain("default")).hasSize(3);
    }

    @Test
    void what_was_put_again_so_that_it_can_be_read_here_fires_here() {
        World.Process process = world.process();
        byte[] content = "schedule 2\nof another kind".getBytes(StandardCharsets.UTF_8);
        world.eye
                .schedules()
                .write("default", Optional.empty(), new StoredSchedule("s", "r0", world.clock.millis(), content))
                .join();
        world.run(Duration.ofSeconds(5), process);
        world.process().schedules.remove("s");
        world.process().schedules.put(every("s", MINUTE));

        world.run(Duration.ofMinutes(3), process);

        assertThat(world.drain("default")).contains("s@2026-01-01T00:03:00Z");
    }

    @Test
    void schedules_were_silent_for_a_day_after_the_clock_of_the_broker_was_set_back_by_a_day() {
        World.Process process = world.process();
        process.schedules.put(every("hourly", Duration.ofHours(1)));
        process.schedules.put(every("paused", Duration.ofHours(1)));
        process.schedules.pause("paused");
        world.run(Duration.ofMinutes(61), process);
        assertThat(world.drain("default")).containsExactly("hourly@2026-01-01T01:00:00Z");

        world.clock.jump(Duration.ofDays(-1));
        world.run(Duration.ofMinutes(16), process);

        assertThat(process.get("hourly").next()).contains(Instant.parse("2025-12-31T02:00:00Z"));
        assertThat(process.get("paused").stored().fireAtMillis()).isEqualTo(StoredSchedule.NEVER);
        world.run(Duration.ofMinutes(60), process);
        assertThat(world.drain("default")).containsExactly("hourly@2025-12-31T02:00:00Z");
    }

    @Test
    void a_clock_that_was_set_back_a_little_changes_nothing() {
        World.Process process = world.process();
        process.schedules.put(every("hourly", Duration.ofHours(1)));
        world.run(Duration.ofMinutes(61), process);
        String revision = process.get("hourly").stored().revision();

        world.clock.jump(Duration.ofMinutes(-100));
        world.run(Duration.ofMinutes(40), process);

        assertThat(process.get("hourly").stored().revision()).isEqualTo(revision);
    }

    @Test
    void a_due_time_that_waited_was_looked_at_again_only_when_the_clock_had_come_back() {
        World.Process process = world.process();
        process.schedules.put(every("s", Duration.ofMinutes(30)).withOverlap(Overlap.BUFFER_ONE));
        world.run(Duration.ofMinutes(30).plusSeconds(1), process);
        List<Claim> running = world.claim("default");
        world.run(Duration.ofMinutes(30), process);
        assertThat(process.get("s").waiting()).contains(at("01:00:00"));

        world.clock.jump(Duration.ofMinutes(-25));
        world.complete("default", running);
        world.run(Duration.ofMinutes(16), process);

        assertThat(world.now()).as("the clock has not come back").isBefore(at("01:00:00"));
        assertThat(world.drain("default")).containsExactly("s@2026-01-01T01:00:00Z");
        assertThat(process.get("s").waiting()).isEmpty();
    }

    @Test
    void a_schedule_that_was_refused_was_tried_again_only_when_the_clock_had_come_back() {
        World.Process process = world.process();
        process.schedules.put(every("bad", Duration.ofDays(2)));
        world.clock.advance(Duration.ofDays(1));
        Timing soon = Timing.once(world.now().plusSeconds(1));
        process.schedules.put(every("bad", MINUTE).withTiming(soon));
        spoilCall("bad");
        passInSteps(Duration.ofHours(3), process);

        world.clock.jump(Duration.ofHours(-2));
        passInSteps(Duration.ofMinutes(16), process);

        long until = process.get("bad").state().trouble().untilMillis();
        assertThat(until - world.clock.millis()).isBetween(0L, 600_000L);
    }

    private void passInSteps(Duration time, World.Process process) {
        for (long second = 0; second < time.toSeconds(); second += 10) {
            world.advance(Duration.ofSeconds(10), process);
        }
    }

    @Test
    void cancel_previous_ended_the_last_job_although_none_could_follow() {
        World.Process process = world.process();
        process.schedules.put(every("s", MINUTE).withOverlap(Overlap.CANCEL_PREVIOUS));
        world.run(Duration.ofSeconds(61), process);
        spoilCall("s");

        world.run(Duration.ofSeconds(60), process);

        assertThat(process.get("s").problem()).isPresent();
        assertThat(world.drain("default")).containsExactly("s@2026-01-01T00:01:00Z");
    }

    @Test
    void a_call_above_the_limit_of_one_process_was_held_back_for_all() {
        World.Process process = world.process();
        String text = "\"" + "x".repeat(600 << 10) + "\"";
        process.schedules.put(Schedule.of("s", Timing.every(MINUTE), Samples.prepared("default", "[" + text + "]")));

        world.run(Duration.ofSeconds(61), process);

        assertThat(process.get("s").problem()).isEmpty();
        assertThat(world.drain("default")).containsExactly("s@2026-01-01T00:01:00Z");
    }

    @Test
    void behind_large_ones_that_are_left_to_others_none_was_looked_at_again() {
        World.Process process = world.process();
        byte[] large = Arrays.copyOf("schedule 2\n".getBytes(StandardCharsets.UTF_8), 700 << 10);
        for (String name : List.of("large-1", "large-2", "small")) {
            world.eye
                    .schedules()
                    .write("default", Optional.empty(), new StoredSchedule(name, "r0", world.clock.millis(), large))
                    .join();
        }
        world.run(Duration.ofSeconds(5), process);
        world.process().schedules.remove("small");
        world.process().schedules.put(every("small", MINUTE));

        world.run(Duration.ofMinutes(3), process);

        assertThat(world.drain("default")).contains("small@2026-01-01T00:03:00Z");
    }

    @Test
    void schedules_that_never_fire_are_overdue_until_they_are_gone() {
        World.Process process = world.process();
        ScheduleAccess access = new ScheduleAccess(world.eye);
        AtomicInteger fine = new AtomicInteger();
        OverdueWatch watch = new OverdueWatch(access, fine::incrementAndGet);
        process.schedules.put(every("good", MINUTE));
        process.schedules.put(every("paused", MINUTE));
        process.schedules.pause("paused");
        process.schedules.put(every("refused", MINUTE));
        spoilCall("refused");
        byte[] content = "schedule 2\nof another kind".getBytes(StandardCharsets.UTF_8);
        world.eye
                .schedules()
                .write("default", Optional.empty(), new StoredSchedule("newer", "r1", world.clock.millis(), content))
                .join();
        watch.round();
        assertThat(watch.overdue()).isEmpty();
        assertThat(fine).hasValue(1);

        world.run(Duration.ofMinutes(5), process);
        watch.round();
        watch.round();

        assertThat(watch.overdue()).extracting(ScheduleInfo::name).containsExactlyInAnyOrder("newer", "refused");
        assertThat(fine).hasValue(1);
        process.schedules.remove("newer");
        process.schedules.remove("refused");
        watch.round();
        assertThat(watch.overdue()).isEmpty();
        assertThat(fine).hasValue(2);
    }
}
