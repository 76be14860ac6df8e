package io.tidemill.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What a cron expression means where clocks are moved. In Berlin the local times from 02:00 to 03:00 did not exist on
 * 2024-03-31, and existed twice on 2024-10-27.
 */
class CronClockChangeTest {

    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    private static List<String> due(String expression, ZoneId zone, String from, String until) {
        Timing timing = Timing.cron(expression, zone).endingBefore(Instant.parse(until));
        return Stream.iterate(
                        timing.next(Instant.parse(from)),
                        next -> next.isPresent(),
                        next -> timing.next(next.orElseThrow()))
                .limit(100)
                .map(next -> next.orElseThrow().atZone(zone).toOffsetDateTime().toString())
                .toList();
    }

    private static List<String> inTheGap(String expression) {
        return due(expression, BERLIN, "2024-03-31T00:00:00Z", "2024-03-31T03:00:00Z");
    }

    private static List<String> inTheOverlap(String expression) {
        return due(expression, BERLIN, "2024-10-26T23:30:00Z", "2024-10-27T02:00:00Z");
    }

    @Test
    void a_daily_time_in_the_gap_is_due_once_at_its_end() {
        assertThat(inTheGap("30 2 * * *")).containsExactly("2024-03-31T03:00+02:00");
    }

    @Test
    void several_times_in_the_gap_are_due_once_together() {
        assertThat(inTheGap("*/10 2 * * *")).containsExactly("2024-03-31T03:00+02:00");
        assertThat(inTheGap("0,59 2 * * SUN")).containsExactly("2024-03-31T03:00+02:00");
    }

    @Test
    void a_time_in_the_gap_and_one_at_its_end_are_due_once_together() {
        assertThat(inTheGap("30 2,3 * * *")).containsExactly("2024-03-31T03:00+02:00", "2024-03-31T03:30+02:00");
        assertThat(inTheGap("0 2,3 * * *")).containsExactly("2024-03-31T03:00+02:00");
    }

    @Test
    void times_in_the_gap_are_dropped_if_the_hours_are_a_wildcard() {
        assertThat(inTheGap("30 * * * *"))
                .containsExactly("2024-03-31T01:30+01:00", "2024-03-31T03:30+02:00", "2024-03-31T04:30+02:00");
        assertThat(inTheGap("30 */2 * * *")).containsExactly("2024-03-31T04:30+02:00");
    }

    @Test
    void a_daily_time_in_the_overlap_is_due_in_the_first_pass_only() {
        assertThat(inTheOverlap("30 2 * * *")).containsExactly("2024-10-27T02:30+02:00");
        assertThat(inTheOverlap("0-59/20 2 * * *"))
                .containsExactly("2024-10-27T02:00+02:00", "2024-10-27T02:20+02:00", "2024-10-27T02:40+02:00");
    }

    @Test
    void an_interval_in_the_overlap_is_due_in_both_passes() {
        assertThat(inTheOverlap("0 * * * *")).containsExactly("2024-10-27T02:00+02:00", "2024-10-27T02:00+01:00");
        assertThat(inTheOverlap("*/30 1-3 * * *"))
                .containsExactly(
                        "2024-10-27T02:00+02:00",
                        "2024-10-27T02:30+02:00",
                        "2024-10-27T02:00+01:00",
                        "2024-10-27T02:30+01:00");
    }

    @Test
    void a_step_without_an_end_is_a_wildcard_like_a_star() {
        assertThat(inTheOverlap("0/30 2 * * *")).hasSize(4).isEqualTo(inTheOverlap("*/30 2 * * *"));
        assertThat(inTheGap("30 0/2 * * *")).isEqualTo(inTheGap("30 */2 * * *"));
    }

    @Test
    void in_the_second_pass_the_next_daily_time_is_that_of_the_next_day() {
        Timing timing = Timing.cron("45 2 * * *", BERLIN);

        assertThat(timing.next(Instant.parse("2024-10-27T01:10:00Z"))).contains(Instant.parse("2024-10-28T01:45:00Z"));
    }

    @Test
    void a_gap_of_half_an_hour_and_one_of_a_whole_day_follow_the_same_rule() {
        assertThat(due("15 2 * * *", ZoneId.of("Australia/Lord_Howe"), "2025-10-04T00:00:00Z", "2025-10-05T12:00:00Z"))
                .containsExactly("2025-10-05T02:30+11:00");
        assertThat(due("0 9 30 * *", ZoneId.of("Pacific/Apia"), "2011-12-01T00:00:00Z", "2012-01-15T00:00:00Z"))
                .containsExactly("2011-12-31T00:00+14:00");
    }

    @Test
    void midnight_in_a_gap_is_due_at_one_o_clock() {
        assertThat(due("0 0 * * *", ZoneId.of("America/Sao_Paulo"), "2018-11-03T12:00:00Z", "2018-11-04T12:00:00Z"))
                .containsExactly("2018-11-04T01:00-02:00");
    }
}
