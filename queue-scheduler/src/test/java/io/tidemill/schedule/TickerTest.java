package io.tidemill.schedule;

import static io.tidemill.schedule.Samples.at;
import static io.tidemill.schedule.World.every;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.broker.Claim;
import io.tidemill.broker.Completion;
import io.tidemill.broker.StoredSchedule;
import io.tidemill.client.Call;
import io.tidemill.client.JobHandle;
import io.tidemill.schedule.HistoryEntry.What;
import io.tidemill.task.BrokerException;
import io.tidemill.task.JobState;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Schedules that fire into a broker in memory, round by round. */
class TickerTest {

    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final World world = new World();

    @AfterEach
    void close() {
        world.close();
    }

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

    static CompletableFuture<Object> lost() {
        return CompletableFuture.failedFuture(
                new BrokerException(BrokerException.Outcome.UNKNOWN, "the reply was lost", null));
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
    void no_ghost_is_left_of_a_schedule_that_is_paused_while_it_fires() {
        assertThatNothingIsStored(process -> process.schedules.pause("s"));
    }

    @Test
    void no_ghost_is_left_of_a_schedule_that_is_removed_while_it_fires() {
        assertThatNothingIsStored(process -> process.schedules.remove("s"));
    }

    @Test
    void no_ghost_is_left_of_a_schedule_whose_timing_is_changed_while_it_fires() {
        assertThatNothingIsStored(process -> process.schedules.put(every("s", Duration.ofHours(1))));
    }

    @Test
    void no_ghost_is_left_of_a_schedule_that_moves_to_another_queue_while_it_fires() {
        assertThatNothingIsStored(process -> process.schedules.put(Schedule.of(
                "s", Timing.every(Duration.ofHours(1)), Call.named("report").queue("other"))));
        assertThat(world.process().get("s").queue()).isEqualTo("other");
    }

    /** What an operator does in another process, when the job is on its way to the broker already. */
    private void assertThatNothingIsStored(Consumer<World.Process> operator) {
        World.Process other = world.process();
        AtomicInteger meanwhile = new AtomicInteger();
        World.Process process = world.process((method, request) -> {
            if (method.equals("enqueue") && meanwhile.getAndIncrement() == 0) {
                operator.accept(other);
            }
            return request.send();
        });
        other.schedules.put(every("s", MINUTE));

        world.run(Duration.ofSeconds(90), process);

        assertThat(meanwhile).hasValue(1);
        assertThat(world.drain("default")).isEmpty();
        assertThat(process.fired).isEmpty();
    }

    @Test
    void a_schedule_whose_call_changes_while_it_fires_runs_the_new_one() {
        World.Process other = world.process();
        AtomicInteger meanwhile = new AtomicInteger();
        World.Process process = world.process((method, request) -> {
            if (method.equals("enqueue") && meanwhile.getAndIncrement() == 0) {
                other.schedules.put(Schedule.of("s", Timing.every(MINUTE), Call.named("report", "new")));
            }
            return request.send();
        });
        other.schedules.put(Schedule.of("s", Timing.every(MINUTE), Call.named("report", "old")));

        world.run(Duration.ofSeconds(70), process);

        List<Claim> jobs = world.claim("default");
        assertThat(jobs).hasSize(1);
        assertThat(new String(jobs.get(0).body(), StandardCharsets.UTF_8)).contains("new");
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
        ScheduleState after = ScheduleState.of(spoilt, null, false, now);
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

        assertThat(watch.overdue()).extracting(ScheduleInfo::name).containsExactlyInAnyOrder("newer", "refused");
        assertThat(fine).hasValue(1);
        process.schedules.remove("newer");
        process.schedules.remove("refused");
        watch.round();
        assertThat(watch.overdue()).isEmpty();
        assertThat(fine).hasValue(2);
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
    void a_job_that_is_triggered_changes_no_due_time() {
        World.Process process = world.process();
        process.schedules.put(every("s", MINUTE));
        world.advance(Duration.ofSeconds(30), process);

        JobHandle<Object> job = process.schedules.triggerNow("s").orElseThrow();
        JobHandle<Object> another = process.schedules.triggerNow("s").orElseThrow();

        assertThat(job.isNew()).isTrue();
        assertThat(another.id()).isNotEqualTo(job.id()).startsWith("s@2026-01-01T00:00:30Z/");
        assertThat(process.get("s").next()).contains(at("00:01:00"));
        assertThat(process.get("s").history())
                .extracting(HistoryEntry::what)
                .containsExactly(What.TRIGGERED, What.TRIGGERED);
        assertThat(process.get("s").lastJobId()).contains(another.id());
        assertThat(world.drain("default")).containsExactly(job.id(), another.id());
        assertThat(process.schedules.triggerNow("unknown")).isEmpty();
    }

    @Test
    void a_paused_schedule_is_quiet_until_it_is_resumed_and_can_be_triggered() {
        World.Process process = world.process();
        process.schedules.put(every("s", MINUTE).withMisfire(Misfire.all(100)));

        assertThat(process.schedules.pause("s")).isTrue();
        world.run(Duration.ofMinutes(5), process);
        assertThat(world.drain("default")).isEmpty();
        assertThat(process.get("s").isPaused()).isTrue();
        assertThat(process.get("s").next()).isEmpty();
        process.schedules.triggerNow("s");
        assertThat(world.drain("default")).hasSize(1);

        assertThat(process.schedules.resume("s")).isTrue();
        world.run(Duration.ofSeconds(61), process);
        assertThat(world.drain("default")).containsExactly("s@2026-01-01T00:06:00Z");
        assertThat(process.schedules.pause("unknown")).isFalse();
        assertThat(process.schedules.resume("unknown")).isFalse();
        assertThat(process.schedules.remove("unknown")).isFalse();
    }

    @Test
    void a_period_is_backfilled_once_however_often_it_is_asked_for() {
        World.Process process = world.process();
        process.schedules.put(every("s", MINUTE));
        process.schedules.pause("s");
        world.advance(Duration.ofMinutes(10).plusSeconds(30), process);
        process.schedules.resume("s");

        assertThat(process.schedules
                        .backfill("s", at("00:03:00"), at("00:06:00"))
                        .stored())
                .isEqualTo(3);
        assertThat(process.schedules
                        .backfill("s", at("00:03:00"), at("00:07:00"))
                        .stored())
                .isEqualTo(1);
        assertThat(process.schedules
                        .backfill("s", at("00:10:00"), Instant.parse("2030-01-01T00:00:00Z"))
                        .stored())
                .as("what it has not come to is left to it")
                .isEqualTo(1);

        assertThat(world.drain("default"))
                .containsExactly(
                        "s@2026-01-01T00:03:00Z",
                        "s@2026-01-01T00:04:00Z",
                        "s@2026-01-01T00:05:00Z",
                        "s@2026-01-01T00:06:00Z",
                        "s@2026-01-01T00:10:00Z");
        List<HistoryEntry> history = process.get("s").history();
        assertThat(history.get(0).what()).isEqualTo(What.BACKFILLED);
        assertThat(history.get(1).count()).as("one of four was new").isEqualTo(1);
        assertThatThrownBy(() -> process.schedules.backfill("s", Instant.EPOCH, at("00:10:00")))
                .hasMessageContaining("more than 10000 due times");
        assertThatThrownBy(() -> process.schedules.backfill("unknown", at("00:00:00"), at("00:10:00")))
                .hasMessageContaining("no schedule \"unknown\"");
    }

    @Test
    void a_schedule_that_goes_to_another_queue_leaves_the_old_one() {
        World.Process process = world.process();
        process.schedules.put(every("s", MINUTE));
        world.run(Duration.ofSeconds(61), process);

        assertThat(process.schedules.put(Schedule.of(
                        "s", Timing.every(MINUTE), Call.named("report").queue("other"))))
                .isTrue();
        world.run(Duration.ofSeconds(60), process);

        assertThat(world.drain("default")).containsExactly("s@2026-01-01T00:01:00Z");
        assertThat(world.drain("other")).containsExactly("s@2026-01-01T00:02:00Z");
        assertThat(process.schedules.count("default")).isZero();
        assertThat(process.get("s").fired()).as("its counts move with it").isEqualTo(2);
    }

    @Test
    void a_move_that_broke_off_anywhere_is_finished_by_putting_it_again() {
        for (int writes = 0; writes < 3; writes++) {
            String name = "s" + writes;
            AtomicInteger left = new AtomicInteger(writes);
            World.Process whole = world.process();
            whole.schedules.put(every(name, MINUTE));
            World.Process breaking = world.process((method, request) ->
                    (method.equals("write") || method.equals("remove")) && left.getAndDecrement() <= 0
                            ? lost()
                            : request.send());
            Schedule moved =
                    Schedule.of(name, Timing.every(MINUTE), Call.named("report").queue("other"));
            assertThatThrownBy(() -> breaking.schedules.put(moved)).isInstanceOf(BrokerException.class);
            world.run(Duration.ofSeconds(60), whole);
            List<String> meanwhile = new ArrayList<>(world.drain("default"));
            meanwhile.addAll(world.drain("other"));
            assertThat(meanwhile.stream().filter(id -> id.startsWith(name)))
                    .as("it never fires in both")
                    .hasSizeLessThanOrEqualTo(1);

            whole.schedules.put(moved);

            assertThat(whole.get(name).queue()).isEqualTo("other");
            assertThat(whole.get(name).problem()).isEmpty();
            assertThat(whole.schedules.count("default"))
                    .as("after %d writes", writes)
                    .isZero();
        }
    }

    @Test
    void putting_the_same_again_changes_nothing() {
        World.Process process = world.process();
        assertThat(process.schedules.put(every("s", MINUTE))).isTrue();
        world.run(Duration.ofSeconds(90), process);
        ScheduleInfo before = process.get("s");

        assertThat(process.schedules.put(every("s", MINUTE))).isFalse();

        assertThat(process.get("s").stored().revision())
                .isEqualTo(before.stored().revision());
        Schedule read = before.definition().orElseThrow();
        assertThat(process.schedules.put(read)).isFalse();
        assertThat(process.schedules.put(read.withOverlap(Overlap.SKIP))).isTrue();
        assertThat(process.get("s").next()).contains(at("00:02:00"));
    }

    @Test
    void many_are_put_with_two_requests_for_a_hundred_and_each_says_what_became_of_it() {
        List<String> requests = new ArrayList<>();
        World.Process process = world.process((method, request) -> {
            requests.add(method);
            return request.send();
        });
        List<Schedule> many = new ArrayList<>();
        for (int i = 0; i < 250; i++) {
            Call<Object> call = Call.named("report");
            many.add(Schedule.of("s" + i, Timing.every(MINUTE), i % 50 == 7 ? call.queue("other") : call));
        }
        many.set(120, Schedule.of("over", Timing.once(Instant.ofEpochMilli(1)), Call.named("report")));

        List<PutResult> results = process.schedules.putAll(many);

        assertThat(results).extracting(PutResult::name).isEqualTo(names(many));
        assertThat(results.get(120).failure().orElseThrow()).hasMessageContaining("schedule \"over\" would never fire");
        assertThat(results.stream().filter(PutResult::isChanged)).hasSize(249);
        assertThat(process.schedules.count("default")).isEqualTo(244);
        assertThat(process.schedules.count("other")).isEqualTo(5);
        assertThat(requests.stream().filter("write"::equals))
                .as("three times two queues")
                .hasSize(6);
        assertThat(requests.stream().filter("find"::equals))
                .as("before and after")
                .hasSizeLessThanOrEqualTo(12);

        many.remove(120);
        many.set(5, every("s5", Duration.ofHours(1)));
        assertThat(process.schedules.putAll(many).stream()
                        .filter(PutResult::isChanged)
                        .map(PutResult::name))
                .containsExactly("s5");
        assertThatThrownBy(() -> process.schedules.putAll(List.of(every("new", MINUTE), every("new", MINUTE))))
                .hasMessageContaining("schedule \"new\" is in this call twice");
        assertThat(process.schedules.get("new")).isEmpty();
    }

    private static List<String> names(List<Schedule> schedules) {
        return schedules.stream().map(Schedule::name).toList();
    }

    @Test
    void of_many_that_are_put_the_one_that_another_process_changes_meanwhile_is_put_again() {
        World.Process operator = world.process();
        operator.schedules.put(every("b", Duration.ofHours(1)));
        AtomicBoolean isFirst = new AtomicBoolean(true);
        World.Process process = world.process((method, request) -> {
            if (method.equals("write") && isFirst.getAndSet(false)) {
                operator.schedules.pause("b");
            }
            return request.send();
        });

        List<PutResult> results =
                process.schedules.putAll(List.of(every("a", MINUTE), every("b", MINUTE), every("c", MINUTE)));

        assertThat(results).extracting(PutResult::isChanged).containsExactly(true, true, true);
        assertThat(process.get("b").isPaused()).isTrue();
        assertThat(process.get("b").describe()).isEqualTo("every minute");
    }

    @Test
    void schedules_are_listed_by_page() {
        World.Process process = world.process();
        for (int i = 0; i < 7; i++) {
            process.schedules.put(every("s" + i, Duration.ofMinutes(7 - i)));
        }

        assertThat(process.schedules.queues()).containsExactly("default");
        assertThat(process.schedules.count("default")).isEqualTo(7);
        assertThat(process.schedules.list("default", 0, 3))
                .extracting(ScheduleInfo::name)
                .containsExactly("s6", "s5", "s4");
        assertThat(process.schedules.list("default", 5, 3))
                .extracting(ScheduleInfo::name)
                .containsExactly("s1", "s0");
    }

    @Test
    void a_job_that_was_triggered_made_skip_forget_the_one_that_still_ran() {
        World.Process process = world.process();
        process.schedules.put(every("s", MINUTE).withOverlap(Overlap.SKIP));
        world.run(Duration.ofSeconds(61), process);
        List<Claim> running = world.claim("default");

        JobHandle<Object> triggered = process.schedules.triggerNow("s").orElseThrow();
        List<Claim> beside = world.claim("default");
        world.complete("default", beside);
        world.run(Duration.ofSeconds(60), process);

        assertThat(beside).extracting(Claim::id).containsExactly(triggered.id());
        assertThat(running).hasSize(1);
        assertThat(process.get("s").skipped()).isEqualTo(1);
        assertThat(process.get("s").lastJobId()).contains("s@2026-01-01T00:01:00Z");
    }

    @Test
    void a_job_that_was_triggered_after_the_last_one_ended_is_looked_at() {
        World.Process process = world.process();
        process.schedules.put(every("s", MINUTE).withOverlap(Overlap.SKIP));
        world.run(Duration.ofSeconds(61), process);
        world.drain("default");

        process.schedules.triggerNow("s").orElseThrow();
        world.run(Duration.ofSeconds(60), process);

        assertThat(process.get("s").skipped()).isEqualTo(1);
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
    void a_single_time_that_has_passed_was_accepted_and_never_fired() {
        World.Process process = world.process();
        Timing past = Timing.once(world.now().minusMillis(1));

        assertThatThrownBy(() -> process.schedules.put(Schedule.of("s", past, Call.named("report"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("schedule \"s\" would never fire: once, at 2025-12-31T23:59:59.999Z")
                .hasMessageContaining("after 2026-01-01T00:00:00Z");
        assertThat(process.schedules.get("s")).isEmpty();
        process.schedules.put(every("s", MINUTE));
        assertThatThrownBy(() -> process.schedules.put(every("s", MINUTE).withTiming(past)))
                .hasMessageContaining("would never fire");

        Schedule single =
                every("once", MINUTE).withTiming(Timing.once(world.now().plusSeconds(1)));
        process.schedules.put(single);
        world.run(Duration.ofSeconds(5), process);
        assertThat(process.get("once").fired()).isEqualTo(1);
        assertThat(process.schedules.put(single)).as("it had its time").isFalse();
        assertThat(process.schedules.put(single.withOverlap(Overlap.SKIP))).isTrue();
    }

    @Test
    void a_process_starts_although_a_single_time_in_its_code_has_passed() {
        Schedule past = every("past", MINUTE).withTiming(Timing.once(world.now().minusSeconds(1)));

        World.Process process = world.owned("shop", 1, past, every("s", MINUTE)).started();

        assertThat(process.schedules.get("past")).isEmpty();
        assertThat(process.schedules.get("s")).isPresent();
    }

    @Test
    void a_pause_during_a_move_was_lost() {
        for (String before : List.of("write", "remove")) {
            World.Process operator = world.process();
            String name = "s-" + before;
            AtomicBoolean isFirst = new AtomicBoolean(true);
            World.Process mover = world.process((method, request) -> {
                boolean isThere = !method.equals("write") || request.arguments()[0].equals("b");
                if (method.equals(before) && isThere && isFirst.getAndSet(false)) {
                    ScheduleInfo moving =
                            new ScheduleAccess(world.eye).find("a", name).orElseThrow();
                    ScheduleState state = ScheduleAccess.readable(moving);
                    new ScheduleAccess(world.eye).write(moving, state.pause(0), world.clock.millis());
                }
                return request.send();
            });
            operator.schedules.put(
                    every(name, MINUTE).withCall(Call.named("report").queue("a")));

            mover.schedules.put(
                    every(name, MINUTE).withCall(Call.named("report").queue("b")));

            assertThat(isFirst).isFalse();
            assertThat(operator.get(name).queue()).isEqualTo("b");
            assertThat(operator.get(name).isPaused())
                    .as("paused before the %s", before)
                    .isTrue();
            assertThat(operator.schedules.count("a")).isZero();
        }
    }
}
