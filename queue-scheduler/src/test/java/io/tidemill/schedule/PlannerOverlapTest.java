package io.tidemill.schedule;

import static io.tidemill.schedule.Samples.EVERY_MINUTE;
import static io.tidemill.schedule.Samples.at;
import static io.tidemill.schedule.Samples.schedule;
import static io.tidemill.schedule.Samples.seen;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.schedule.HistoryEntry.What;
import io.tidemill.schedule.Samples.Seen;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a schedule does while its last job has not ended, without any broker. */
class PlannerOverlapTest {

    @Test
    void a_running_job_makes_skip_leave_the_due_time_out() {
        Seen seen = seen(schedule(EVERY_MINUTE).withOverlap(Overlap.SKIP));

        seen.look("2026-01-01T00:01:00Z")
                .lookWhileRunning("2026-01-01T00:02:00Z")
                .look("2026-01-01T00:03:00Z");

        assertThat(seen.fired).containsExactly(at("00:01:00"), at("00:03:00"));
        assertThat(seen.state.counts()).isEqualTo(new ScheduleState.Counts(2, 1, 0));
        assertThat(seen.whats()).containsExactly(What.FIRED, What.SKIPPED, What.FIRED);
    }

    @Test
    void of_several_due_times_at_one_look_skip_fires_the_first() {
        Seen seen = seen(schedule(EVERY_MINUTE).withOverlap(Overlap.SKIP).withGrace(Duration.ofHours(1)));

        seen.look("2026-01-01T00:03:00Z");

        assertThat(seen.fired).containsExactly(at("00:01:00"));
        assertThat(seen.plans.get(0).firings().get(0).after().counts())
                .as("what was left out is stored together with the job")
                .isEqualTo(new ScheduleState.Counts(1, 2, 0));
    }

    @Test
    void one_due_time_waits_for_the_last_job_and_others_are_left_out() {
        Seen seen = seen(schedule(EVERY_MINUTE).withOverlap(Overlap.BUFFER_ONE));

        seen.look("2026-01-01T00:01:00Z")
                .lookWhileRunning("2026-01-01T00:02:00Z")
                .lookWhileRunning("2026-01-01T00:03:00Z");
        assertThat(seen.fired).containsExactly(at("00:01:00"));
        assertThat(seen.state.fireAt("s", at("00:03:00").toEpochMilli()))
                .as("looks again after a second")
                .isEqualTo(at("00:03:01").toEpochMilli());

        seen.look("2026-01-01T00:03:20Z");
        assertThat(seen.fired).containsExactly(at("00:01:00"), at("00:02:00"));
        assertThat(seen.state.waiting()).isEqualTo(ScheduleState.NONE);

        seen.look("2026-01-01T00:04:00Z");
        assertThat(seen.fired).containsExactly(at("00:01:00"), at("00:02:00"), at("00:04:00"));
        assertThat(seen.state.counts()).isEqualTo(new ScheduleState.Counts(3, 1, 0));
    }

    @Test
    void a_due_time_that_comes_when_the_waiting_one_fires_waits_in_its_place() {
        Seen seen = seen(schedule(EVERY_MINUTE).withOverlap(Overlap.BUFFER_ONE));

        seen.look("2026-01-01T00:01:00Z")
                .lookWhileRunning("2026-01-01T00:02:00Z")
                .look("2026-01-01T00:03:00Z");

        assertThat(seen.fired).containsExactly(at("00:01:00"), at("00:02:00"));
        assertThat(seen.state.waiting()).isEqualTo(at("00:03:00").toEpochMilli());
    }

    @Test
    void the_last_job_is_cancelled_only_when_another_fires() {
        Seen seen = seen(schedule(EVERY_MINUTE).withOverlap(Overlap.CANCEL_PREVIOUS));

        seen.lookWhileRunning("2026-01-01T00:00:30Z");
        assertThat(seen.plans.get(0).cancelsPrevious()).isFalse();

        seen.lookWhileRunning("2026-01-01T00:01:00Z").look("2026-01-01T00:02:00Z");
        assertThat(seen.plans.get(1).cancelsPrevious()).isTrue();
        assertThat(seen.plans.get(2).cancelsPrevious()).as("it had ended").isFalse();
        assertThat(seen.fired).containsExactly(at("00:01:00"), at("00:02:00"));
    }

    @Test
    void of_several_due_times_at_one_look_cancel_previous_fires_the_last() {
        Seen seen =
                seen(schedule(EVERY_MINUTE).withOverlap(Overlap.CANCEL_PREVIOUS).withGrace(Duration.ofHours(1)));

        seen.look("2026-01-01T00:03:00Z");

        assertThat(seen.fired).containsExactly(at("00:03:00"));
        assertThat(seen.state.counts()).isEqualTo(new ScheduleState.Counts(1, 2, 0));
    }
}
