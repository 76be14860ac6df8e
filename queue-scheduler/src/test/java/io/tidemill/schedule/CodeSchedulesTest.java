package io.tidemill.schedule;

import static io.tidemill.schedule.World.every;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.client.Call;
import io.tidemill.task.BrokerException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is stored follows what code defines, also while two versions of it run side by side. */
class CodeSchedulesTest {

    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration HOUR = Duration.ofHours(1);

    private final World world = new World();

    @AfterEach
    void close() {
        world.close();
    }

    /** Lets time pass in steps of ten seconds. */
    private void pass(Duration time, World.Process... processes) {
        for (long second = 0; second < time.toSeconds(); second += 10) {
            world.advance(Duration.ofSeconds(10), processes);
            world.drain("default");
        }
    }

    private List<String> names() {
        List<String> names = new ArrayList<>();
        world.process().schedules.list("default", 0, 100).forEach(info -> names.add(info.name()));
        names.sort(null);
        return names;
    }

    @Test
    void what_is_defined_is_stored_at_the_start() {
        World.Process process =
                world.owned("shop", 3, every("a", MINUTE), every("b", HOUR)).started();

        assertThat(names()).containsExactly("a", "b");
        assertThat(process.get("a").owner()).contains("shop");
        assertThat(process.get("a").version()).isEqualTo(3);
    }

    @Test
    void what_an_operator_paused_stays_paused_after_a_restart_with_another_definition() {
        World.Process first = world.owned("shop", 1, every("a", MINUTE)).started();
        first.schedules.pause("a");

        World.Process second = world.owned("shop", 2, every("a", HOUR)).started();

        assertThat(second.get("a").isPaused()).isTrue();
        assertThat(second.get("a").describe()).isEqualTo("every hour");
    }

    @Test
    void a_lower_version_changes_nothing() {
        World.Process newer = world.owned("shop", 2, every("a", HOUR)).started();
        String revision = newer.get("a").stored().revision();

        World.Process older = world.owned("shop", 1, every("a", MINUTE)).started();

        assertThat(older.get("a").stored().revision()).isEqualTo(revision);
        assertThat(older.get("a").version()).isEqualTo(2);
    }

    @Test
    void two_versions_side_by_side_do_not_change_it_to_and_fro() {
        for (long newVersion : List.of(1L, 2L)) {
            World.Process old = world.owned("shop", 1, every("a", MINUTE), every("old", HOUR))
                    .started();
            World.Process next = world.owned("shop", newVersion, every("a", HOUR), every("new", HOUR))
                    .started();

            for (int hour = 0; hour < 6; hour++) {
                pass(HOUR, old, next);
                assertThat(next.get("a").describe())
                        .as("version %d", newVersion)
                        .isEqualTo("every hour");
                assertThat(names()).containsExactly("a", "new", "old");
            }
            next.schedules.remove("a");
        }
    }

    @Test
    void two_versions_side_by_side_do_not_move_it_to_and_fro() {
        World.Process old = world.owned("shop", 0, every("a", MINUTE)).started();
        Schedule moved =
                Schedule.of("a", Timing.every(MINUTE), Call.named("report").queue("other"));
        World.Process next = world.owned("shop", 0, moved).started();

        for (int hour = 0; hour < 3; hour++) {
            pass(HOUR, old, next);
            assertThat(next.get("a").queue()).isEqualTo("other");
            assertThat(next.schedules.count("default")).isZero();
        }
    }

    @Test
    void what_no_process_defines_any_more_is_removed_after_an_hour() {
        World.Process old =
                world.owned("shop", 1, every("a", HOUR), every("old", HOUR)).started();
        World.Process next = world.owned("shop", 2, every("a", HOUR)).started();
        next.schedules.put(every("by-hand", HOUR));
        world.owned("bank", 1, every("of-others", HOUR)).started();

        pass(Duration.ofHours(3), old, next);
        assertThat(names()).as("the old process still defines it").contains("old");

        pass(Duration.ofMinutes(50), next);
        assertThat(names()).as("not yet").contains("old");
        pass(Duration.ofMinutes(50), next);
        assertThat(names()).containsExactly("a", "by-hand", "of-others");
    }

    @Test
    void single_times_that_had_come_were_kept_for_ever() {
        World.Process process = world.process();
        Timing once = Timing.once(world.now().plusSeconds(10));
        process.schedules.put(every("once", MINUTE).withTiming(once));
        process.schedules.put(every("paused", MINUTE).withTiming(once).withPaused(true));
        process.schedules.put(every("ended", MINUTE)
                .withTiming(Timing.every(MINUTE).endingBefore(world.now().plusSeconds(70))));
        process.schedules.put(every("endless", HOUR));
        World.Process code = world.owned("shop", 1, every("in-code", MINUTE).withTiming(once))
                .started();
        pass(Duration.ofMinutes(2), process, code);
        assertThat(process.get("once").fired()).isEqualTo(1);
        assertThat(process.get("ended").fired()).isEqualTo(1);

        world.clock.advance(Duration.ofDays(7).minusMinutes(40));
        pass(Duration.ofMinutes(30), process, code);
        assertThat(names()).as("not yet").containsExactly("ended", "endless", "in-code", "once", "paused");

        pass(Duration.ofMinutes(30), process, code);
        assertThat(names()).containsExactly("endless", "in-code", "paused");
    }

    @Test
    void a_queue_that_could_not_be_read_kept_the_others_from_being_looked_after() {
        AtomicBoolean isDamaged = new AtomicBoolean();
        World.Process process = world
        .new Process(
                (method, request) -> isDamaged.get() && method.equals("list") && request.arguments()[0].equals("a")
                        ? TickerHarness.lost()
                        : request.send(),
                "shop",
                2,
                HOUR,
                every("s", HOUR));
        Call<?> inA = Call.named("report").queue("a");
        world.owned("shop", 1, every("old", HOUR), every("old-a", HOUR).withCall(inA))
                .started();
        process.started();

        isDamaged.set(true);
        pass(HOUR.plusMinutes(31), process);

        assertThat(names()).containsExactly("s");
        assertThat(world.process().schedules.count("a")).isEqualTo(1);
    }

    @Test
    void what_was_lost_comes_back() {
        World.Process process = world.owned("shop", 1, every("a", HOUR)).started();
        process.schedules.remove("a");

        pass(Duration.ofMinutes(16), process);

        assertThat(names()).containsExactly("a");
    }

    @Test
    void what_could_not_be_stored_at_the_start_is_stored_when_the_broker_answers() {
        AtomicBoolean isAway = new AtomicBoolean(true);
        World.Process process = world
        .new Process(
                (method, request) -> isAway.get() ? TickerHarness.lost() : request.send(),
                "shop",
                1,
                HOUR,
                every("a", HOUR));
        pass(MINUTE, process);
        assertThat(names()).isEmpty();

        isAway.set(false);
        pass(Duration.ofSeconds(20), process);

        assertThat(names()).containsExactly("a");
    }

    @Test
    void a_thousand_definitions_are_looked_after_at_small_cost() {
        Schedule[] many = new Schedule[1_000];
        for (int i = 0; i < many.length; i++) {
            many[i] = every("s" + i, Duration.ofDays(3_000));
        }
        long[] writes = new long[1];
        World.Process one = world
        .new Process(
                (method, request) -> {
                    writes[0] += World.writes(method, request);
                    return request.send();
                },
                "shop",
                1,
                HOUR,
                many);
        one.started();
        assertThat(writes[0]).isEqualTo(1_000);
        writes[0] = 0;

        pass(Duration.ofHours(2), one);

        assertThat(writes[0]).as("once in a quarter of an hour each").isBetween(4_000L, 8_000L);
        assertThat(one.schedules.count("default")).isEqualTo(1_000);
    }

    @Test
    void a_pause_was_lost_when_all_processes_had_stopped_for_days_and_a_version_without_it_ran_first() {
        World.Process old =
                world.owned("shop", 1, every("a", HOUR), every("b", HOUR)).started();
        old.schedules.pause("a");
        world.clock.advance(Duration.ofDays(3));
        World.Process other = world.owned("shop", 1, every("b", HOUR)).started();
        pass(Duration.ofMinutes(14), other);
        World.Process again =
                world.owned("shop", 1, every("a", HOUR), every("b", HOUR)).started();

        pass(Duration.ofMinutes(40), other, again);

        assertThat(again.get("a").isPaused()).isTrue();
    }

    @Test
    void what_fires_while_a_process_starts_is_seen_all_the_same() {
        world.owned("shop", 1, every("a", HOUR)).started();
        world.clock.advance(Duration.ofDays(3));
        World.Process operator = world.process();
        AtomicBoolean isFirst = new AtomicBoolean(true);
        World.Process again = world
        .new Process(
                (method, request) -> {
                    if (method.equals("write") && isFirst.getAndSet(false)) {
                        operator.schedules.pause("a");
                    }
                    return request.send();
                },
                "shop",
                1,
                HOUR,
                every("a", HOUR));
        again.code.putAll();

        assertThat(isFirst).isFalse();
        ScheduleState state = ScheduleAccess.readable(again.get("a"));
        assertThat(state.paused()).isTrue();
        assertThat(state.owner()).isEqualTo(new ScheduleState.Owner("shop", 1, world.clock.millis()));
    }

    @Test
    void a_lower_version_removes_nothing_that_a_higher_one_wrote() {
        world.owned("shop", 2, every("new", HOUR)).started();
        World.Process lower = world.owned("shop", 1, every("a", HOUR)).started();

        pass(Duration.ofHours(3), lower);

        assertThat(names()).containsExactly("a", "new");
    }

    /** Two processes define one new name in two queues; the second one does all of it when the first is about to. */
    private World.Process createdTwice(@Nullable String owner, AtomicBoolean diesAfter) {
        Schedule inA =
                Schedule.of("s", Timing.every(MINUTE), Call.named("report").queue("a"));
        Schedule inB = inA.withCall(Call.named("report").queue("b"));
        World.Process second = world.new Process((method, request) -> request.send(), owner, 0, HOUR, inB);
        AtomicBoolean isFirst = new AtomicBoolean(true);
        World.Process first = world
        .new Process(
                (method, request) -> {
                    if (!isFirst.get() && diesAfter.get()) {
                        return TickerHarness.lost();
                    }
                    if (method.equals("write") && isFirst.getAndSet(false)) {
                        second.code.putAll();
                    }
                    return request.send();
                },
                owner,
                0,
                HOUR,
                inA);
        try {
            first.code.putAll();
        } catch (BrokerException e) {
            assertThat(diesAfter).isTrue();
        }
        return second;
    }

    @Test
    void one_new_name_put_into_two_queues_at_once_fired_in_both() {
        World.Process second = createdTwice("shop", new AtomicBoolean());

        assertThat(second.schedules.count("a")).isEqualTo(1);
        assertThat(second.schedules.count("b")).isZero();
        second.ticker.round();
        pass(HOUR, second);
        assertThat(second.get("s").queue()).isEqualTo("a");
    }

    @Test
    void one_that_is_in_two_queues_since_a_process_died_is_found_later() {
        for (String owner : Arrays.asList("shop", null)) {
            World.Process second = createdTwice(owner, new AtomicBoolean(true));
            second.ticker.round();
            assertThat(second.schedules.count("a")).isEqualTo(1);
            assertThat(second.schedules.count("b")).isEqualTo(1);

            pass(Duration.ofMinutes(16), second);

            assertThat(second.get("s").queue()).isEqualTo("a");
            assertThat(second.schedules.count("b")).isZero();
            second.schedules.remove("s");
        }
    }
}
