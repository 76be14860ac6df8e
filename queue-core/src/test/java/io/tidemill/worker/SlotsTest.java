package io.tidemill.worker;

import io.tidemill.task.WorkerOptions;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.observe.Observers;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SlotsTest {

    private final Clock clock = Clock.system();
    private final Fetcher fetcher = new Fetcher(clock, "fetcher");

    private Lane lane(String queue) {
        MemoryBroker broker = new MemoryBroker();
        Lane.Shared shared = new Lane.Shared(
                broker,
                clock,
                new Slots(1),
                new LeaseKeeper(broker, clock, Duration.ofSeconds(30), "leases"),
                new Observers(List.of(), List.of(), clock),
                Runnable::run,
                WorkerOptions.defaults(),
                "worker",
                () -> {});
        return new Lane(queue, "worker:1", shared, fetcher, attempt -> {});
    }

    private final Lane a = lane("a");
    private final Lane b = lane("b");
    private final Lane c = lane("c");

    @Test
    void a_lone_lane_gets_everything() {
        Slots slots = new Slots(10);
        assertThat(slots.take(a, 1000)).isEqualTo(new Slots.Taken(10, null));
        assertThat(slots.inUse()).isEqualTo(10);
        assertThat(slots.take(a, 1000)).isEqualTo(new Slots.Taken(0, null));
    }

    @Test
    void a_lane_is_hungry_until_it_has_asked_again_and_got_something() {
        Slots slots = new Slots(1);
        slots.take(c, 1);
        assertThat(slots.isHungry(c)).isFalse();

        slots.take(a, 1);
        assertThat(slots.isHungry(a)).isTrue();
        slots.give(1);
        slots.take(a, 1);

        assertThat(slots.isHungry(a)).isFalse();
    }

    @Test
    void two_hungry_lanes_do_not_starve_each_other_over_one_slot() {
        Slots slots = new Slots(1);
        slots.take(c, 1);
        assertThat(slots.take(a, 1).count()).isZero();
        assertThat(slots.take(b, 1).count()).isZero();

        assertThat(slots.give(1)).isSameAs(a);
        assertThat(slots.take(b, 1)).as("b has waited less than a").isEqualTo(new Slots.Taken(0, a));
        assertThat(slots.take(a, 1).count()).isOne();
        assertThat(slots.give(1)).isSameAs(b);
        assertThat(slots.take(b, 1).count()).isOne();
    }

    @Test
    void a_busy_lane_leaves_its_freed_slot_to_one_that_waits() {
        Slots slots = new Slots(1);
        slots.take(a, 1);
        slots.take(b, 1);
        slots.give(1);
        assertThat(slots.take(a, 1)).isEqualTo(new Slots.Taken(0, b));
        assertThat(slots.take(b, 1).count()).isOne();
    }

    @Test
    void many_free_slots_are_shared_and_the_next_in_line_is_told() {
        Slots slots = new Slots(12);
        slots.take(c, 12);
        slots.take(a, 12);
        slots.take(b, 12);
        assertThat(slots.give(12)).isSameAs(a);
        assertThat(slots.take(a, 12)).isEqualTo(new Slots.Taken(6, b));
        assertThat(slots.take(b, 12)).isEqualTo(new Slots.Taken(6, null));
    }

    @Test
    void nothing_new_starts_beside_an_isolated_job() {
        Slots slots = new Slots(3);
        slots.take(a, 1);
        slots.isolate();
        assertThat(slots.take(a, 1)).isEqualTo(new Slots.Taken(0, null));
        slots.endIsolation();
        assertThat(slots.give(1)).isSameAs(a);
        assertThat(slots.take(a, 3).count()).isEqualTo(3);
    }

    @Test
    void more_cannot_be_given_than_was_taken() {
        assertThatThrownBy(() -> new Slots(1).give(1)).isInstanceOf(IllegalStateException.class);
    }
}
