package io.tidemill.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimingTest {

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final Timing DAILY = Timing.cron("0 2 * * *", ZoneOffset.UTC);

    private static Instant at(String time) {
        return Instant.parse(time);
    }

    @Test
    void an_interval_is_counted_from_1970_so_that_a_restart_does_not_move_it() {
        Timing timing = Timing.every(Duration.ofMinutes(10));

        assertThat(timing.next(at("2026-01-01T12:03:07.123Z"))).contains(at("2026-01-01T12:10:00Z"));
        assertThat(timing.next(at("2026-01-01T12:10:00Z"))).contains(at("2026-01-01T12:20:00Z"));
        assertThat(timing.next(at("1960-01-01T00:00:00Z"))).contains(Instant.EPOCH);
    }

    @Test
    void an_interval_may_begin_at_a_given_time() {
        Timing timing = Timing.every(Duration.ofHours(7), NOON);

        assertThat(timing.next(Instant.MIN)).contains(NOON);
        assertThat(timing.next(NOON)).contains(at("2026-01-01T19:00:00Z"));
        assertThat(timing.next(at("2026-01-01T18:59:59.999Z"))).contains(at("2026-01-01T19:00:00Z"));
    }

    @Test
    void a_single_time_comes_once() {
        Timing timing = Timing.once(NOON);

        assertThat(timing.next(NOON.minusMillis(1))).contains(NOON);
        assertThat(timing.next(NOON)).isEmpty();
        assertThat(timing.previous(NOON)).isEmpty();
        assertThat(timing.previous(NOON.plusMillis(1))).contains(NOON);
        assertThat(timing.previous(Instant.MAX)).contains(NOON);
    }

    @Test
    void a_due_time_at_the_start_counts_and_one_at_the_end_does_not() {
        Timing timing = DAILY.startingAt(at("2026-01-03T02:00:00Z")).endingBefore(at("2026-01-05T02:00:00Z"));

        assertThat(timing.next(NOON)).contains(at("2026-01-03T02:00:00Z"));
        assertThat(timing.next(at("2026-01-03T02:00:00Z"))).contains(at("2026-01-04T02:00:00Z"));
        assertThat(timing.next(at("2026-01-04T02:00:00Z"))).isEmpty();
        assertThat(timing.previous(at("2026-01-03T02:00:00Z"))).isEmpty();
        assertThat(timing.previous(at("2027-01-01T00:00:00Z"))).contains(at("2026-01-04T02:00:00Z"));
    }

    @Test
    void the_previous_time_is_earlier_than_the_given_one() {
        assertThat(DAILY.previous(at("2026-01-01T02:00:00Z"))).contains(at("2025-12-31T02:00:00Z"));
        assertThat(DAILY.previous(at("2026-01-01T02:00:00.001Z"))).contains(at("2026-01-01T02:00:00Z"));
        assertThat(DAILY.previous(Instant.MIN)).isEmpty();
        assertThat(DAILY.previous(Instant.MAX)).contains(at("9999-12-31T02:00:00Z"));
        assertThat(Timing.cron("0 0 29 2 *", ZoneOffset.UTC).previous(NOON)).contains(at("2024-02-29T00:00:00Z"));
    }

    @Test
    void the_previous_time_is_found_from_any_distance() {
        Timing timing = Timing.once(NOON);

        for (int millis = 1; millis < 5000; millis++) {
            assertThat(timing.previous(NOON.plusMillis(millis))).contains(NOON);
        }
    }

    @Test
    void due_times_lie_between_1970_and_9999() {
        assertThat(DAILY.next(Instant.MIN)).contains(at("1970-01-01T02:00:00Z"));
        assertThat(DAILY.next(at("9999-12-31T02:00:00Z"))).isEmpty();
        assertThat(DAILY.next(Instant.MAX)).isEmpty();
        assertThat(Timing.every(Timing.LONGEST_INTERVAL).next(at("9995-01-01T00:00:00Z")))
                .isEqualTo(Optional.empty());
        assertThat(Timing.cron("59 23 31 12 *", ZoneOffset.ofHours(-18)).next(at("9999-06-01T00:00:00Z")))
                .isEmpty();
    }

    @Test
    void without_jitter_a_schedule_fires_at_the_due_time() {
        assertThat(DAILY.fireTime("report", NOON)).isEqualTo(NOON);
        assertThat(DAILY.jitter(Duration.ofMinutes(5)).jitter(Duration.ZERO)).isEqualTo(DAILY);
    }

    @Test
    void with_jitter_a_schedule_fires_later_by_a_wait_that_depends_on_its_name_and_the_due_time() {
        Timing timing = DAILY.jitter(Duration.ofMinutes(5));
        Instant due = at("2026-01-02T02:00:00Z");

        assertThat(timing.fireTime("report", due))
                .as("the same in every process and every release")
                .isEqualTo(due.plusMillis(289791));
        assertThat(timing.next(NOON)).as("the due time is as without jitter").contains(due);
        List<Instant> names = IntStream.range(0, 1000)
                .mapToObj(i -> timing.fireTime("report-" + i, due))
                .toList();
        assertThat(names).allMatch(time -> !time.isBefore(due) && time.isBefore(due.plusSeconds(300)));
        assertThat(new TreeSet<>(names)).as("spread").hasSizeGreaterThan(950);
        assertThat(names.stream().filter(time -> time.isBefore(due.plusSeconds(150))))
                .as("evenly")
                .hasSizeBetween(400, 600);
    }

    @Test
    void jitter_never_reaches_the_next_due_time() {
        Timing timing = Timing.cron("0 9,10 * * *", ZoneOffset.UTC).jitter(Duration.ofDays(2));
        List<Instant> fired = new ArrayList<>();
        Instant due = NOON;
        for (int i = 0; i < 200; i++) {
            due = timing.next(due).orElseThrow();
            Instant fires = timing.fireTime("report", due);
            assertThat(fires).isAfterOrEqualTo(due).isBefore(timing.next(due).orElseThrow());
            fired.add(fires);
        }
        assertThat(fired).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void values_out_of_range_are_refused_with_the_range() {
        refused(() -> Timing.every(Duration.ofMillis(999)), "interval must be at least 1 s, got PT0.999S");
        refused(() -> Timing.every(Duration.ofSeconds(-5)), "interval must be at least 1 s, got PT-5S");
        refused(() -> Timing.every(Duration.ofDays(3651)), "interval must be at most 3,650 days, got PT87624H");
        refused(() -> Timing.every(Duration.ofSeconds(Long.MAX_VALUE)), "interval must be at most 3,650 days");
        refused(() -> Timing.every(Duration.ofNanos(1_500_000_001)), "interval must be whole milliseconds");
        refused(() -> Timing.once(Instant.MAX), "at must be whole milliseconds, from the year 1970 to the year 9999");
        refused(() -> Timing.once(Instant.EPOCH.minusMillis(1)), "at must be whole milliseconds");
        refused(() -> Timing.once(NOON.plusNanos(1)), "at must be whole milliseconds");
        refused(() -> DAILY.jitter(Duration.ofMillis(-1)), "jitter must not be negative, got PT-0.001S");
        refused(() -> DAILY.startingAt(NOON).endingBefore(NOON), "start must be before end");
        refused(() -> DAILY.endingBefore(NOON).startingAt(NOON), "start must be before end");
    }

    private static void refused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(message);
    }

    @Test
    void timings_that_were_written_alike_are_equal() {
        Timing timing = Timing.cron("0 2 * * *", ZoneId.of("UTC")).jitter(Duration.ofSeconds(1));

        assertThat(timing)
                .isEqualTo(Timing.cron(" 0 2 * * * ", ZoneId.of("UTC")).jitter(Duration.ofSeconds(1)))
                .hasSameHashCodeAs(Timing.cron("0 2 * * *", ZoneId.of("UTC")).jitter(Duration.ofSeconds(1)))
                .isNotEqualTo(Timing.cron("0 2 * * *", ZoneId.of("UTC")))
                .isNotEqualTo(timing.startingAt(NOON))
                .isNotEqualTo(timing.endingBefore(NOON))
                .isNotEqualTo(Timing.cron("0 3 * * *", ZoneId.of("UTC")).jitter(Duration.ofSeconds(1)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        * * * * *               | every minute
        */5 * * * *             | every 5 minutes
        */7 * * * *             | every 7 minutes from minute 0
        5/15 * * * *            | every 15 minutes from minute 5
        30 * * * *              | at minute 30 of every hour
        0,20,40 * * * *         | at minutes 0, 20 and 40 of every hour
        0 */2 * * *             | at minute 0 of every 2 hours
        0 2 * * *               | at 02:00 every day
        30 9,18 * * *           | at 09:30 and 18:30 every day
        0 2 * * MON             | at 02:00 on Monday
        0 2 * * MON-FRI         | at 02:00 on Monday to Friday
        0 2 * * SAT,SUN         | at 02:00 on Saturday and Sunday
        0 2 1 * *               | at 02:00 on day 1 of the month
        0 2 1,15 * *            | at 02:00 on days 1 and 15 of the month
        0 2 L * *               | at 02:00 on the last day of the month
        0 2 L-3 * *             | at 02:00 on 3 days before the last day of the month
        0 2 LW * *              | at 02:00 on the last workday of the month
        0 2 15W * *             | at 02:00 on the workday nearest to day 15 of the month
        0 2 * * 5L              | at 02:00 on the last Friday of the month
        0 2 * * 5#3             | at 02:00 on the third Friday of the month
        0 2 13 * 5              | at 02:00 on day 13 of the month or on Friday
        0 0 1 1 *               | at 00:00 on day 1 of the month in January
        0 0 1 1-3,6 *           | at 00:00 on day 1 of the month in January to March and June
        */15 9-17 * * 1-5       | every 15 minutes from 09:00 to 17:59 on Monday to Friday
        */10 9,12,15 * * *      | every 10 minutes in hours 9, 12 and 15
        * * * * * *             | every second
        */10 * * * * *          | every 10 seconds
        30 15 2 * * *           | at 02:15:30 every day
        */20 30 * * * *         | every 20 seconds at minute 30
        */10 30 2 * * *         | at 02:30:00, 02:30:10, 02:30:20, 02:30:30, 02:30:40 and 02:30:50 every day
        @weekly                 | at 00:00 on Sunday
        """)
    void an_expression_is_described_in_plain_language(String expression, String words) {
        assertThat(Timing.cron(expression, ZoneId.of("Europe/Berlin"))).hasToString(words + ", Europe/Berlin");
    }

    @Test
    void a_timing_is_described_with_all_that_bounds_it() {
        assertThat(Timing.every(Duration.ofMinutes(10)).describe()).isEqualTo("every 10 minutes");
        assertThat(Timing.every(Duration.ofHours(1)).describe()).isEqualTo("every hour");
        assertThat(Timing.every(Duration.ofMillis(1500), NOON).describe())
                .isEqualTo("every 1500 milliseconds, first at 2026-01-01T12:00:00Z");
        assertThat(Timing.once(NOON).describe()).isEqualTo("once, at 2026-01-01T12:00:00Z");
        assertThat(DAILY.startingAt(NOON)
                        .endingBefore(NOON.plusSeconds(86_400 * 31))
                        .jitter(Duration.ofMinutes(1))
                        .describe())
                .isEqualTo("at 02:00 every day, UTC, from 2026-01-01T12:00:00Z, until 2026-02-01T12:00:00Z,"
                        + " up to 1 minute later");
    }
}
