package io.tidemill.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Holds cron expressions to a table of cases, which two other programs have answered as well. */
class CronTableTest {

    private static final List<String> LINES = lines();
    private static final List<Row> ROWS =
            LINES.stream().filter(line -> !line.startsWith("#")).map(Row::of).toList();

    /** What another program answered: "=" for the same, else a reason and the answer. */
    private record Row(String expression, ZoneId zone, Instant from, String due, List<String> others) {

        static Row of(String line) {
            String[] cells = line.split("\t");
            assertThat(cells).as(line).hasSize(6);
            return new Row(
                    cells[0], ZoneId.of(cells[1]), Instant.parse(cells[2]), cells[3], List.of(cells[4], cells[5]));
        }

        String answer() {
            Timing timing = Timing.cron(expression, zone);
            List<String> due = new ArrayList<>();
            Instant last = from;
            for (int i = 0; i < 5; i++) {
                last = timing.next(last).orElseThrow();
                due.add(last.toString());
            }
            return String.join(" ", due);
        }

        /** Whether clocks are moved this way between the first and the last of these times. */
        boolean crosses(boolean gap) {
            Instant end = Instant.parse(due.substring(due.lastIndexOf(' ') + 1));
            ZoneOffsetTransition change = zone.getRules().nextTransition(from);
            return change != null
                    && change.isGap() == gap
                    && !change.getInstant().isAfter(end);
        }
    }

    private static List<String> lines() {
        try (InputStream file = CronTableTest.class.getResourceAsStream("cron-cases.tsv")) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void every_case_has_the_due_times_of_the_table() {
        assertThat(ROWS.stream()
                        .filter(row -> !row.answer().equals(row.due()))
                        .map(row -> row + "\n  got " + row.answer()))
                .isEmpty();
    }

    @Test
    void the_table_is_large_and_crosses_gaps_and_overlaps_in_all_zones_that_matter() {
        assertThat(ROWS).hasSizeGreaterThanOrEqualTo(300);
        for (String zone : List.of(
                "America/New_York",
                "Europe/Paris",
                "Europe/Berlin",
                "Australia/Lord_Howe",
                "Africa/Casablanca",
                "America/Sao_Paulo",
                "Pacific/Apia",
                "Asia/Gaza")) {
            List<Row> rows =
                    ROWS.stream().filter(row -> row.zone().getId().equals(zone)).toList();
            assertThat(rows.stream().filter(row -> row.crosses(true)))
                    .as("gaps in " + zone)
                    .hasSizeGreaterThanOrEqualTo(5);
            assertThat(rows.stream().filter(row -> row.crosses(false)))
                    .as("overlaps in " + zone)
                    .hasSizeGreaterThanOrEqualTo(5);
        }
        for (String year : List.of("2038-", "2100-")) {
            assertThat(ROWS.stream().filter(row -> row.due().contains(year))).hasSizeGreaterThanOrEqualTo(5);
        }
    }

    @Test
    void every_difference_to_another_program_has_a_reason_that_the_table_explains() {
        Set<String> explained = LINES.stream()
                .filter(line -> line.matches("# [a-z-]+: .+"))
                .map(line -> line.substring(2, line.indexOf(':')))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> used = new TreeSet<>();
        for (Row row : ROWS) {
            for (String other : row.others()) {
                if (!other.equals("=")) {
                    String[] reasonAndAnswer = other.split(": ", 2);
                    used.add(reasonAndAnswer[0]);
                    assertThat(reasonAndAnswer[1]).as(row.toString()).isNotEqualTo(row.due());
                }
            }
        }
        assertThat(used).isEqualTo(explained);
        assertThat(ROWS.stream().filter(row -> row.others().contains("=")))
                .as("at least one of the two agrees")
                .hasSizeGreaterThan(ROWS.size() * 9 / 10);
    }
}
