package io.tidemill.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SlotsTest {

    private final String a = "a";
    private final String b = "b";
    private final String c = "c";

    @Test
    void a_lone_queue_gets_everything() {
        Slots<String> slots = new Slots<>(10);
        assertThat(slots.take(a, 1000)).isEqualTo(new Slots.Taken<>(10, null));
        assertThat(slots.inUse()).isEqualTo(10);
        assertThat(slots.take(a, 1000)).isEqualTo(new Slots.Taken<>(0, null));
    }

    @Test
    void a_queue_waits_until_it_has_asked_again_and_got_something() {
        Slots<String> slots = new Slots<>(1);
        slots.take(c, 1);
        assertThat(slots.isWaiting(c)).isFalse();

        slots.take(a, 1);
        assertThat(slots.isWaiting(a)).isTrue();
        slots.give(a, 1);
        slots.take(a, 1);

        assertThat(slots.isWaiting(a)).isFalse();
    }

    @Test
    void a_queue_takes_no_more_than_its_own_limit_and_keeps_no_other_from_the_rest() {
        Slots<String> slots = new Slots<>(10);
        slots.limit(a, 2);
        assertThat(slots.take(a, 100).count()).isEqualTo(2);
        assertThat(slots.areAllTaken(a)).isTrue();
        assertThat(slots.areAllTaken(b)).isFalse();

        assertThat(slots.take(a, 100)).as("it waits, and nobody is to ask").isEqualTo(new Slots.Taken<>(0, null));
        assertThat(slots.take(b, 100)).as("all of the rest").isEqualTo(new Slots.Taken<>(8, null));
        assertThat(slots.give(b, 1))
                .as("a slot that the waiting queue may not have")
                .isNull();
        assertThat(slots.give(a, 1)).as("one of its own").isSameAs(a);
        assertThat(slots.take(a, 100).count()).isOne();
    }

    @Test
    void a_queue_that_may_not_claim_leaves_the_line_and_names_the_one_behind_it() {
        Slots<String> slots = new Slots<>(1);
        slots.take(c, 1);
        slots.take(a, 1);
        slots.take(b, 1);
        assertThat(slots.give(c, 1)).isSameAs(a);

        assertThat(slots.leave(a)).isSameAs(b);
        assertThat(slots.isWaiting(a)).isFalse();
        assertThat(slots.take(b, 1)).isEqualTo(new Slots.Taken<>(1, null));
    }

    @Test
    void queues_at_their_own_limit_take_no_share_and_stand_behind_others_when_they_may_take_again() {
        Slots<String> slots = new Slots<>(9);
        slots.limit(a, 1);
        slots.take(a, 1);
        slots.take(a, 1);
        slots.take(c, 8);
        slots.take(b, 8);

        assertThat(slots.give(c, 8)).isSameAs(b);
        assertThat(slots.give(a, 1))
                .as("b has waited for free slots for longer")
                .isSameAs(b);
        assertThat(slots.take(b, 9)).as("a share, now that a may take some").isEqualTo(new Slots.Taken<>(4, a));
        assertThat(slots.take(a, 9)).isEqualTo(new Slots.Taken<>(1, null));
    }

    @Test
    void two_waiting_queues_do_not_starve_each_other_over_one_slot() {
        Slots<String> slots = new Slots<>(1);
        slots.take(c, 1);
        assertThat(slots.take(a, 1).count()).isZero();
        assertThat(slots.take(b, 1).count()).isZero();

        assertThat(slots.give(a, 1)).isSameAs(a);
        assertThat(slots.take(b, 1)).as("b has waited less than a").isEqualTo(new Slots.Taken<>(0, a));
        assertThat(slots.take(a, 1).count()).isOne();
        assertThat(slots.give(a, 1)).isSameAs(b);
        assertThat(slots.take(b, 1).count()).isOne();
    }

    @Test
    void a_busy_queue_leaves_its_freed_slot_to_one_that_waits() {
        Slots<String> slots = new Slots<>(1);
        slots.take(a, 1);
        slots.take(b, 1);
        slots.give(a, 1);
        assertThat(slots.take(a, 1)).isEqualTo(new Slots.Taken<>(0, b));
        assertThat(slots.take(b, 1).count()).isOne();
    }

    @Test
    void many_free_slots_are_shared_and_the_next_in_line_is_named() {
        Slots<String> slots = new Slots<>(12);
        slots.take(c, 12);
        slots.take(a, 12);
        slots.take(b, 12);
        assertThat(slots.give(a, 12)).isSameAs(a);
        assertThat(slots.take(a, 12)).isEqualTo(new Slots.Taken<>(6, b));
        assertThat(slots.take(b, 12)).isEqualTo(new Slots.Taken<>(6, null));
    }

    @Test
    void nothing_new_starts_beside_an_isolated_job() {
        Slots<String> slots = new Slots<>(3);
        slots.take(a, 1);
        slots.isolate();
        assertThat(slots.take(a, 1)).isEqualTo(new Slots.Taken<>(0, null));
        slots.endIsolation();
        assertThat(slots.give(a, 1)).isSameAs(a);
        assertThat(slots.take(a, 3).count()).isEqualTo(3);
    }

    @Test
    void more_cannot_be_given_than_was_taken() {
        assertThatThrownBy(() -> new Slots<String>(1).give(a, 1)).isInstanceOf(IllegalStateException.class);
    }
}
