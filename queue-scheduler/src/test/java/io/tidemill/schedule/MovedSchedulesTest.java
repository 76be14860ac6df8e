package io.tidemill.schedule;

import static io.tidemill.schedule.World.every;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.client.Call;
import io.tidemill.task.BrokerException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Schedules that go to another queue and back, also when that breaks off or others do the same. */
class MovedSchedulesTest extends TickerHarness {

    private static Schedule in(String queue) {
        return Schedule.of("s", Timing.every(MINUTE), Call.named("report").queue(queue));
    }

    @Test
    void a_schedule_whose_move_broke_off_and_that_was_put_back_never_fired() {
        for (String other : List.of("a", "z")) {
            World.Process process = world.process();
            process.schedules.put(in("m"));
            world.run(Duration.ofSeconds(61), process);
            assertThat(world.drain("m")).hasSize(1);
            World.Process breaking =
                    world.process((method, request) -> method.equals("remove") ? lost() : request.send());
            assertThatThrownBy(() -> breaking.schedules.put(in(other))).isInstanceOf(BrokerException.class);

            assertThat(process.schedules.put(in("m"))).as("back from %s", other).isTrue();
            world.run(Duration.ofSeconds(61), process);

            assertThat(process.get("s").queue()).isEqualTo("m");
            assertThat(process.get("s").problem()).isEmpty();
            assertThat(process.schedules.count(other)).isZero();
            assertThat(world.drain("m")).hasSize(1);
            assertThat(world.drain(other)).isEmpty();
            assertThat(process.get("s").fired()).as("its counts move with it").isEqualTo(2);
            process.schedules.remove("s");
        }
    }

    @Test
    void two_that_moved_a_schedule_to_and_fro_at_once_left_it_in_both_queues() {
        World.Process operator = world.process();
        operator.schedules.put(in("a"));
        AtomicBoolean isFirst = new AtomicBoolean(true);
        World.Process mover = world.process((method, request) -> {
            boolean arrives = method.equals("write") && request.arguments()[0].equals("b");
            if (arrives && isFirst.getAndSet(false)) {
                operator.schedules.put(in("a"));
            }
            return request.send();
        });

        mover.schedules.put(in("b"));

        assertThat(isFirst).isFalse();
        assertThat(operator.get("s").queue()).isEqualTo("a");
        assertThat(operator.schedules.count("b")).isZero();
        world.run(Duration.ofSeconds(61), operator);
        assertThat(world.drain("a")).hasSize(1);
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
