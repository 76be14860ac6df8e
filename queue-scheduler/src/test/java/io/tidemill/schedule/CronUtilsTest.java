package io.tidemill.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import com.cronutils.model.definition.CronDefinition;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Compares with the library cron-utils. In UTC it agrees, apart from what is named here. In a zone where clocks are
 * moved it does not; ADR 0211 has the rules.
 */
class CronUtilsTest {

    private static final CronDefinition DEFINITION = CronDefinitionBuilder.defineCron()
            .withSeconds()
            .and()
            .withMinutes()
            .and()
            .withHours()
            .and()
            .withDayOfMonth()
            .supportsL()
            .supportsW()
            .supportsLW()
            .and()
            .withMonth()
            .and()
            .withDayOfWeek()
            .withValidRange(0, 7)
            .withMondayDoWValue(1)
            .withIntMapping(7, 0)
            .supportsHash()
            .supportsL()
            .and()
            .instance();

    private static Instant itsNext(String expression, ZoneId zone, Instant after) {
        return ExecutionTime.forCron(new CronParser(DEFINITION).parse(expression))
                .nextExecution(after.atZone(zone))
                .orElseThrow()
                .toInstant();
    }

    private static Instant ourNext(String expression, ZoneId zone, Instant after) {
        return Timing.cron(expression, zone).next(after).orElseThrow();
    }

    @Test
    void in_utc_both_give_the_same_times() {
        Random random = new Random(7);
        Expressions expressions = new Expressions(random);
        int compared = 0;
        while (compared < 500) {
            String expression = expressions.any();
            boolean knownToDiffer = expression.matches(".* \\d+W .*");
            if (!knownToDiffer && firesEver(expression)) {
                Instant after = Instant.ofEpochSecond(random.nextInt(2_000_000_000));
                assertThat(ourNext(expression, ZoneOffset.UTC, after))
                        .as("%s after %s", expression, after)
                        .isEqualTo(itsNext(expression, ZoneOffset.UTC, after));
                compared++;
            }
        }
    }

    private static boolean firesEver(String expression) {
        try {
            Timing.cron(expression, ZoneOffset.UTC);
            return true;
        } catch (IllegalArgumentException neverFires) {
            return false;
        }
    }

    @Test
    void it_forgets_the_last_day_of_the_month_in_a_list() {
        assertDifferent(
                "0 0 0 1,15,L * *", "UTC", "2023-04-21T00:00:00Z", "2023-05-01T00:00:00Z", "2023-04-30T00:00:00Z");
    }

    @Test
    void it_takes_a_sunday_at_the_end_of_february_for_a_workday() {
        assertDifferent("0 0 0 28W 2 *", "UTC", "2027-02-01T00:00:00Z", "2027-02-28T00:00:00Z", "2027-02-26T00:00:00Z");
    }

    @Test
    void it_loses_a_daily_time_in_a_gap() {
        assertDifferent(
                "0 30 2 * * *",
                "Europe/Berlin",
                "2024-03-30T12:00:00Z",
                "2024-04-01T00:30:00Z",
                "2024-03-31T01:00:00Z");
    }

    @Test
    void it_takes_the_second_pass_of_a_weekly_time_in_an_overlap() {
        assertDifferent(
                "0 15 2 * * 0",
                "Europe/Berlin",
                "2024-10-26T20:00:00Z",
                "2024-10-27T01:15:00Z",
                "2024-10-27T00:15:00Z");
    }

    @Test
    void it_fires_a_range_of_hours_in_both_passes() {
        assertDifferent(
                "0 0 1-3 * * *",
                "Europe/Berlin",
                "2024-10-27T00:00:00Z",
                "2024-10-27T01:00:00Z",
                "2024-10-27T02:00:00Z");
    }

    /** The answers that its issues 61, 112, 253, 446 and 623 are about. */
    @Test
    void times_that_its_users_reported_are_right_here() {
        assertThat(ourNext("0 17 * * *", ZoneId.of("America/New_York"), Instant.parse("2016-03-12T22:00:00Z")))
                .isEqualTo("2016-03-13T21:00:00Z");
        assertThat(ourNext("* * * * *", ZoneId.of("America/Sao_Paulo"), Instant.parse("2016-02-21T02:00:00Z")))
                .isEqualTo("2016-02-21T02:01:00Z");
        assertThat(ourNext("* * * * *", ZoneId.of("Europe/Berlin"), Instant.parse("2017-10-29T01:30:00Z")))
                .isEqualTo("2017-10-29T01:31:00Z");
        assertThat(ourNext("0 2 25 10 *", ZoneId.of("Europe/Rome"), Instant.parse("2020-10-25T00:00:00Z")))
                .isEqualTo("2021-10-25T00:00:00Z");
        assertThat(ourNext("0 0 23 * * ?", ZoneId.of("Europe/Kiev"), Instant.parse("2024-03-31T18:59:30Z")))
                .isEqualTo("2024-03-31T20:00:00Z");
    }

    private static void assertDifferent(String expression, String zone, String after, String its, String ours) {
        ZoneId id = ZoneId.of(zone);
        assertThat(itsNext(expression, id, Instant.parse(after))).isEqualTo(its);
        assertThat(ourNext(expression, id, Instant.parse(after))).isEqualTo(ours);
    }
}
