package io.tidemill.schedule;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.TaskQueue;
import io.tidemill.task.Task;
import io.tidemill.test.Waits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Keeps docs/guide-schedules.md true: its Java is the regions below, its tables and errors are what the code says. */
class GuideTest {

    private static final Path SOURCE = Path.of("src/test/java/io/tidemill/schedule/GuideTest.java");
    private static final String GUIDE = read(Path.of("../docs/guide-schedules.md"));

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** The rows of the table with this head. */
    private static String table(String head) {
        int rows = GUIDE.indexOf("\n", GUIDE.indexOf("\n", GUIDE.indexOf(head)) + 1);
        return GUIDE.substring(rows, GUIDE.indexOf("\n\n", rows));
    }

    private static Stream<MatchResult> find(String pattern, String text) {
        return Pattern.compile(pattern).matcher(text).results();
    }

    @Test
    void its_examples_do_what_it_says() {
        // region: timings
        ZoneId berlin = ZoneId.of("Europe/Berlin");

        Timing nightly = Timing.cron("0 2 * * *", berlin);
        Timing often = Timing.every(Duration.ofMinutes(10));
        Timing once = Timing.once(Instant.parse("2026-12-31T23:00:00Z"));

        Timing inSummer = Timing.cron("30 8 * * MON-FRI", berlin)
                .startingAt(Instant.parse("2026-06-01T00:00:00Z"))
                .endingBefore(Instant.parse("2026-09-01T00:00:00Z"))
                .jitter(Duration.ofMinutes(5));
        // endregion
        // region: asking
        Optional<Instant> next = nightly.next(Instant.parse("2026-01-01T12:00:00Z"));
        Optional<Instant> previous = nightly.previous(Instant.parse("2026-01-01T12:00:00Z"));
        String words = nightly.describe();
        // endregion

        assertThat(next).contains(Instant.parse("2026-01-02T01:00:00Z"));
        assertThat(previous).contains(Instant.parse("2026-01-01T01:00:00Z"));
        assertThat(words).isEqualTo("at 02:00 every day, Europe/Berlin");
        assertThat(GUIDE).contains("" + next.orElseThrow(), "" + previous.orElseThrow(), words);
        assertThat(inSummer.next(Instant.EPOCH)).contains(Instant.parse("2026-06-01T06:30:00Z"));
        assertThat(often.next(once.next(Instant.EPOCH).orElseThrow())).contains(Instant.parse("2026-12-31T23:10:00Z"));
    }

    // region: annotated
    public static class Reports {

        final List<String> written = new CopyOnWriteArrayList<>();

        @Task(name = "nightly_report")
        @Cron(value = "0 2 * * *", zone = "Europe/Berlin")
        public void nightly(Tick tick) {
            written.add("report of " + tick.due());
        }

        @Task(name = "clean_up")
        @Every("10m")
        public void cleanUp() {
            written.add("clean");
        }

        @Task(name = "mail")
        public void mail(String to) {
            written.add("mail to " + to);
        }
    }
    // endregion

    @Test
    void its_scheduler_runs_tasks() {
        Reports reports = new Reports();
        ZoneId berlin = ZoneId.of("Europe/Berlin");
        // region: install
        Scheduler scheduler = Scheduler.create()
                .owner("shop")
                .schedule(Schedule.of("monday-mail", Timing.cron("0 9 * * MON", berlin), call(Reports::mail, "team"))
                        .withOverlap(Overlap.SKIP));

        TaskQueue queue = TaskQueue.builder().tasks(reports).install(scheduler).start();
        // endregion
        Instant today = Instant.now().truncatedTo(ChronoUnit.DAYS);
        Instant yesterday = today.minus(Duration.ofDays(1));
        try (queue) {
            // region: run-time
            Schedules schedules = scheduler.schedules();

            schedules.put(Schedule.of("hello", Timing.every(Duration.ofMinutes(1)), call(Reports::mail, "Ada")));
            schedules.pause("hello");
            schedules.resume("hello");
            schedules.triggerNow("hello");
            schedules.backfill("hello", yesterday, today);

            ScheduleInfo hello = schedules.get("hello").orElseThrow();
            List<Instant> next = hello.upcoming(5);
            List<HistoryEntry> history = hello.history();
            String words = hello.describe();

            schedules.remove("hello");
            // endregion
            assertThat(next).hasSize(5);
            assertThat(words).isEqualTo("every minute");
            assertThat(history)
                    .extracting(HistoryEntry::what)
                    .contains(HistoryEntry.What.TRIGGERED, HistoryEntry.What.BACKFILLED);
            assertThat(schedules.get("hello")).isEmpty();
            assertThat(schedules.get("nightly_report").orElseThrow().next()).isPresent();
            assertThat(schedules.get("monday-mail").orElseThrow().owner()).contains("shop");
            Waits.until("the mails of a day", () -> reports.written.size() >= 24 * 60);
        }
    }

    @Test
    void its_java_is_the_java_above() {
        Map<String, String> regions = find("(?s) // region: (\\S+)\n(.*?)\n +// endregion", read(SOURCE))
                .collect(Collectors.toMap(
                        match -> match.group(1), match -> match.group(2).stripIndent(), (a, b) -> a, TreeMap::new));
        Map<String, String> blocks = find("(?s)<!-- region: (\\S+) -->\n```java\n(.*?)\n```", GUIDE)
                .collect(Collectors.toMap(match -> match.group(1), match -> match.group(2), (a, b) -> a, TreeMap::new));

        assertThat(blocks).isEqualTo(regions).hasSize(5);
        assertThat(find("```java", GUIDE)).hasSameSizeAs(blocks.keySet());
    }

    @Test
    void its_expressions_are_described_in_the_words_of_its_table() {
        List<MatchResult> rows = find("(?m)^\\| `([^`]+)` \\| ([^|]+) \\|$", table("| expression | in words |"))
                .toList();

        assertThat(rows)
                .hasSize(11)
                .allSatisfy(row -> assertThat(
                                Timing.cron(row.group(1), ZoneOffset.UTC).describe())
                        .isEqualTo(row.group(2) + ", UTC"));
    }

    @Test
    void its_days_with_moved_clocks_are_as_its_table_says() {
        List<MatchResult> rows = find("(?m)^\\| `([^`]+)` \\| ([\\d:, ]+) \\| ([\\d:, ]+) \\|$", GUIDE)
                .toList();

        assertThat(rows).hasSize(3).allSatisfy(row -> {
            assertThat(due(row.group(1), LocalDate.of(2024, 3, 31))).isEqualTo(row.group(2));
            assertThat(due(row.group(1), LocalDate.of(2024, 10, 27))).isEqualTo(row.group(3));
        });
    }

    private static String due(String expression, LocalDate day) {
        ZoneId berlin = ZoneId.of("Europe/Berlin");
        Timing timing = Timing.cron(expression, berlin)
                .endingBefore(day.plusDays(1).atStartOfDay(berlin).toInstant());
        return Stream.iterate(
                        timing.next(day.atStartOfDay(berlin).toInstant()),
                        Optional::isPresent,
                        time -> timing.next(time.orElseThrow()))
                .limit(100)
                .map(time ->
                        DateTimeFormatter.ofPattern("HH:mm").withZone(berlin).format(time.orElseThrow()))
                .collect(Collectors.joining(", "));
    }

    @Test
    void its_errors_are_those_of_the_parser() {
        List<MatchResult> errors =
                find("(?m)^Cron \"([^\"]+)\": .+ is refused: .+$", GUIDE).toList();

        assertThat(errors)
                .hasSize(2)
                .allSatisfy(error -> assertThatThrownBy(() -> Timing.cron(error.group(1), ZoneOffset.UTC))
                        .hasMessage(error.group()));
    }
}
