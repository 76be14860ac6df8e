package io.tidemill.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an expression may say, and what it is told when it may not. */
class CronParserTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        60 * * * *         | minute "60" is refused: "60" is not a number from 0 to 59
        -5 * * * *         | minute "-5" is refused: "" is not a number from 0 to 59
        0 24 * * *         | hour "24" is refused: "24" is not a number from 0 to 23
        0 0 0 * *          | day of month "0" is refused: "0" is not a number from 1 to 31
        0 0 32 * *         | day of month "32" is refused: "32" is not a number from 1 to 31
        0 0 * 13 *         | month "13" is refused: "13" is not a number from 1 to 12 or a name such as JAN
        0 0 * JANUARY *    | month "JANUARY" is refused: "JANUARY" is not a number from 1 to 12 or a name such as JAN
        0 0 * * 8          | day of week "8" is refused: "8" is not a number from 0 to 7 or a name such as MON
        0 0 * * UN         | day of week "UN" is refused
        60 * * * * *       | second "60" is refused
        */0 * * * *        | minute "*/0" is refused: step must be a number from 1 to 59, got "0"
        */60 * * * *       | minute "*/60" is refused: step must be a number from 1 to 59, got "60"
        */-1 * * * *       | minute "*/-1" is refused: step must be a number from 1 to 59, got "-1"
        */99999999999 * * * * | got "99999999999"
        1-5/0 * * * *      | step must be a number from 1 to 59, got "0"
        1/2/3 * * * *      | step must be a number from 1 to 59, got "2/3"
        5- * * * *         | minute "5-" is refused: "" is not a number from 0 to 59
        1-2-3 * * * *      | minute "1-2-3" is refused: "2-3" is not a number from 0 to 59
        1,,2 * * * *       | minute "1,,2" is refused: has an empty part
        1, * * * *         | minute "1," is refused: has an empty part
        5-1 * * * *        | minute "5-1" is refused: range 5-1 goes backwards; write 5-59,0-1
        0 0 * * FRI-MON    | day of week "FRI-MON" is refused: range FRI-MON goes backwards; write FRI-7,0-MON
        0 0 * * 1/2        | day of week "1/2" is refused: a step needs the last day as well; write 1-6/2 or 1-7/2
        0 0 * * L          | day of week "L" is refused: L alone means different days to different programs
        0 0 * * 6#6        | day of week "6#6" is refused: "6#6" must have a number from 1 to 5 after #
        0 0 * * 6#         | must have a number from 1 to 5 after #
        0 0 * * #2         | "" is not a number from 0 to 7
        0 0 32W * *        | "32" is not a number from 1 to 31
        0 0 W * *          | day of month "W" is refused
        0 0 5WW * *        | day of month "5WW" is refused
        0 0 L5 * *         | "L5" is unknown; with L there are L, LW and L-3
        0 0 L-31 * *       | "L-31" must go back 1 to 30 days
        0 0 L-L * *        | "L-L" must go back 1 to 30 days
        ? * * * *          | minute "?" is refused: ? may stand only alone, as day of month or as day of week
        0 0 ?,1 * *        | ? may stand only alone
        * * * *            | must have 5 fields (minute, hour, day of month, month, day of week) or 6 (second before them), got 4
        0 0 0 1 1 * 2030   | got 7
        ``                 | got 0
        @reboot            | is not a known nickname; known are @annually, @daily
        @every 5m          | is not a known nickname; for a fixed interval use Timing.every(..)
        CRON_TZ=UTC 0 0 * * * | sets a variable ("CRON_TZ=UTC"), which is not supported; pass the time zone beside the expression
        """)
    void an_error_names_the_field_its_text_and_the_reason(String expression, String message) {
        assertThatThrownBy(() -> CronParser.parse(expression))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message)
                .hasMessageContaining(expression.isEmpty() ? "" : "ron \"" + expression + "\"");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        0 0 30 2 *              | day of month "30" is refused: no month of "2" ever has this day, so it would never fire
        0 0 31 4,6,9,11 *       | day of month "31" is refused: no month of "4,6,9,11" ever has this day
        0 0 31 SEP-SEP *        | no month of "SEP-SEP" ever has this day
        0 0 0 30W FEB ?         | day of month "30W" is refused
        0 0 L-30 2,4,6,9,11 *   | day of month "L-30" is refused
        """)
    void an_expression_that_never_fires_is_refused(String expression, String message) {
        assertThatThrownBy(() -> CronParser.parse(expression))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0 0 29 2 *", "0 0 29W 2 *", "0 0 L-28 2 *", "0 0 * 2 1#5", "0 0 31 4 MON", "0 0 30 2 1#5"})
    void an_expression_that_fires_rarely_is_accepted(String expression) {
        assertThat(Timing.cron(expression, ZoneOffset.UTC).next(Instant.EPOCH)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u0663 * * * *",
                "0 0 * * *\n",
                "0\r0 * * *",
                "\uff15 * * * *",
                "0 0 * * \u202eMON",
                "0\u00a00 * * *",
                "0 0 * * \0"
            })
    void a_character_that_is_not_printable_ascii_is_refused_and_not_repeated(String expression) {
        assertThatThrownBy(() -> CronParser.parse(expression))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("[ -~]+ has U\\+[0-9A-F]{4} at position \\d+");
    }

    @Test
    void huge_input_is_refused_by_its_size() {
        assertThatThrownBy(() -> CronParser.parse("1,".repeat(1_000_000)))
                .hasMessage("A cron expression may have 256 characters at most, got 2000000");
        assertThatThrownBy(() -> CronParser.parse("1,".repeat(64) + "1 * * * *"))
                .hasMessageContaining("has 65 parts, 64 at most");
        assertThat(CronParser.parse("1,".repeat(63) + "1 * * * *").minutes().bits())
                .isEqualTo(2);
    }

    @Test
    void the_rarest_and_longest_expression_is_read_and_searched() {
        String nth =
                String.join(",", IntStream.range(0, 32).mapToObj(i -> "1#5").toList());
        Timing timing = Timing.cron("59 59 23 30W,31W,30W,31W 2 " + nth, ZoneOffset.UTC);

        assertThat(timing.next(Instant.parse("2072-03-01T00:00:00Z"))).contains(Instant.parse("2112-02-29T23:59:59Z"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        0 0 * * MON-FRI     | 0 0 * * 1-5
        0 0 * * mon,Wed     | 0 0 * * 1,3
        0 0 * * 7           | 0 0 * * 0
        0 0 * * FRI-SUN     | 0 0 * * 5,6,0
        0 0 * * 5-7         | 0 0 * * 0,5,6
        0 0 * jan-Mar *     | 0 0 * 1,2,3 *
        */20 * * * *        | 0,20,40 * * * *
        10/20 * * * *       | 10,30,50 * * * *
        10-40/15 * * * *    | 10,25,40 * * * *
        @daily              | 0 0 * * *
        @DAILY              | 0 0 * * *
        @hourly             | 0 * * * *
        @weekly             | 0 0 * * SUN
        0 30 8 * * *        | 30 8 * * *
        0  8\t*  *   *      | 0 8 * * *
        0 0 ? * 2           | 0 0 * * 2
        0 0 */1 * 2         | 0 0 * * 2
        """)
    void two_ways_to_write_the_same(String one, String other) {
        CronExpression a = CronParser.parse(one);
        CronExpression b = CronParser.parse(other);

        assertThat(a.seconds().bits()).isEqualTo(b.seconds().bits());
        assertThat(a.minutes().bits()).isEqualTo(b.minutes().bits());
        assertThat(a.hours().bits()).isEqualTo(b.hours().bits());
        assertThat(a.daysOfMonth().bits()).isEqualTo(b.daysOfMonth().bits());
        assertThat(a.daysOfMonth().any()).isEqualTo(b.daysOfMonth().any());
        assertThat(a.months().bits()).isEqualTo(b.months().bits());
        assertThat(a.daysOfWeek().bits()).isEqualTo(b.daysOfWeek().bits());
        assertThat(a.daysOfWeek().any()).isEqualTo(b.daysOfWeek().any());
    }

    @Test
    void the_language_of_the_machine_does_not_matter() {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("tr-TR"));
        try {
            assertThat(Timing.cron("0 2 1 4 fri", ZoneOffset.UTC).describe())
                    .isEqualTo("at 02:00 on day 1 of the month or on Friday in April, UTC");
        } finally {
            Locale.setDefault(before);
        }
    }
}
