package io.tidemill.schedule;

import static io.tidemill.schedule.Samples.at;
import static io.tidemill.schedule.World.every;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.broker.Claim;
import io.tidemill.client.Call;
import io.tidemill.client.JobHandle;
import io.tidemill.schedule.HistoryEntry.What;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Schedules that are put, paused, triggered and removed, also while they fire. */
class ChangedSchedulesTest extends TickerHarness {

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

    @Test
    void one_whose_call_is_too_large_kept_others_from_being_put_or_from_firing() {
        World.Process process = world.process();
        String text = "[\"" + "x".repeat((1 << 20) - 1_000) + "\"]";
        Schedule large = Schedule.of("large", Timing.every(MINUTE), Samples.prepared("default", text));

        List<PutResult> results = process.schedules.putAll(List.of(every("a", MINUTE), large, every("b", MINUTE)));

        assertThat(results).extracting(PutResult::isChanged).containsExactly(true, false, true);
        assertThat(results.get(1).failure().orElseThrow())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the call of schedule \"large\" has")
                .hasMessageContaining("the limit is 983,040");
        assertThat(process.schedules.get("large")).isEmpty();
        world.run(Duration.ofSeconds(61), process);
        assertThat(world.drain("default")).hasSize(2);
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
}
