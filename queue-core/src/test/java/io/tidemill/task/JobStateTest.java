package io.tidemill.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class JobStateTest {

    @Test
    void nothing_leaves_a_final_state_but_a_dead_job_that_is_redriven() {
        assertThat(JobState.transitions())
                .filteredOn(t -> t.from() != null && t.from().isFinal())
                .allMatch(t -> t.from() == JobState.DEAD && t.cause().startsWith("redrive"));
    }

    @Test
    void every_state_can_be_reached_and_every_one_that_is_not_final_can_be_left() {
        Set<JobState> reached = EnumSet.noneOf(JobState.class);
        JobState.transitions().forEach(t -> reached.add(t.to()));
        assertThat(reached).isEqualTo(EnumSet.allOf(JobState.class));

        for (JobState state : JobState.values()) {
            assertThat(Arrays.stream(JobState.values()).anyMatch(state::canBecome))
                    .as("%s can be left", state)
                    .isEqualTo(!state.isFinal() || state == JobState.DEAD);
        }
    }

    @Test
    void moves_that_are_not_listed_are_not_possible() {
        assertThat(JobState.READY.canBecome(JobState.ACTIVE)).isTrue();
        assertThat(JobState.SCHEDULED.canBecome(JobState.ACTIVE)).isFalse();
        assertThat(JobState.READY.canBecome(JobState.SUCCEEDED)).isFalse();
        assertThat(JobState.SUCCEEDED.canBecome(JobState.READY)).isFalse();
    }

    @Test
    void no_move_is_listed_twice() {
        assertThat(JobState.transitions()).doesNotHaveDuplicates();
    }
}
