package io.tidemill.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What holds for all expressions, zones and times, tried on random ones. A failure prints all that it needs. */
@Tag("thorough")
class CronPropertiesTest {

    private static final long SEED = Long.getLong("tidemill.seed", 20_260_101);
    private static final boolean THOROUGH = Boolean.getBoolean("tidemill.thorough");
    private static final Instant FROM = Instant.parse("1970-01-02T00:00:00Z");
    private static final Instant UNTIL = Instant.parse("2050-01-01T00:00:00Z");

    private final Random random = new Random(SEED);
    private final Expressions expressions = new Expressions(random);

    /**
     * The due times of a window by definition: each instant is asked whether its local time is allowed. Knows nothing
     * of how the next one is found.
     */
    private static SortedSet<Instant> byDefinition(CronTimes times, Instant after, Instant until) {
        ZoneRules rules = times.zone().getRules();
        SortedSet<Instant> due = new TreeSet<>();
        // Offsets of Liberia had 30 seconds until 1972; all others are whole minutes.
        for (Instant at = after.plusSeconds(30); !at.isAfter(until); at = at.plusSeconds(30)) {
            ZoneOffset offset = rules.getOffset(at);
            LocalDateTime local = LocalDateTime.ofInstant(at, offset);
            boolean firstPass = rules.getValidOffsets(local).get(0).equals(offset);
            if (isAllowed(times, local) && (firstPass || times.expression().isInterval())) {
                due.add(at);
            }
        }
        ZoneOffsetTransition change = rules.nextTransition(after);
        while (change != null && !change.getInstant().isAfter(until)) {
            if (change.isGap() && !times.expression().everyHour() && hasTimeIn(times, change)) {
                due.add(change.getInstant());
            }
            change = rules.nextTransition(change.getInstant());
        }
        return due;
    }

    private static boolean isAllowed(CronTimes times, LocalDateTime local) {
        return local.equals(times.expression().from(local));
    }

    private static boolean hasTimeIn(CronTimes times, ZoneOffsetTransition gap) {
        for (LocalDateTime at = gap.getDateTimeBefore(); at.isBefore(gap.getDateTimeAfter()); at = at.plusSeconds(30)) {
            if (isAllowed(times, at)) {
                return true;
            }
        }
        return false;
    }

    private static List<Instant> byNext(CronTimes times, Instant after, Instant until) {
        List<Instant> due = new ArrayList<>();
        Instant next = times.next(after);
        while (next != null && !next.isAfter(until)) {
            assertThat(due).as("%s after %s", times, after).doesNotContain(next);
            due.add(next);
            next = times.next(next);
        }
        return due;
    }

    private CronTimes plainIn(ZoneId zone) {
        while (true) {
            try {
                return new CronTimes(CronParser.parse(expressions.plain()), zone);
            } catch (IllegalArgumentException neverFires) {
                assertThat(neverFires).hasMessageContaining("never fire");
            }
        }
    }

    /** Expressions that fire often enough to say something about one night. */
    private CronTimes frequentIn(ZoneId zone) {
        String[] hours = {"*", "*/2", "0,1,2,3", "1-2", "2", "0-23", "3/4", "0,23"};
        String[] minutes = {"*/20", "30", "0,15,45", "0-59/10", "5/25", "0"};
        String expression =
                minutes[random.nextInt(minutes.length)] + " " + hours[random.nextInt(hours.length)] + " * * *";
        return new CronTimes(CronParser.parse(expression), zone);
    }

    @Test
    void where_clocks_are_moved_each_due_time_comes_once_and_none_is_missing_in_every_zone() {
        int windows = 0;
        for (String id : new TreeSet<>(ZoneId.getAvailableZoneIds())) {
            ZoneId zone = ZoneId.of(id);
            for (int i = 0; i < (THOROUGH ? 100 : 2); i++) {
                Instant somewhere =
                        FROM.plusSeconds((long) (random.nextDouble() * FROM.until(UNTIL, ChronoUnit.SECONDS)));
                ZoneOffsetTransition change = zone.getRules().nextTransition(somewhere);
                Instant middle = change == null || change.getInstant().isAfter(UNTIL) ? somewhere : change.getInstant();
                Instant after =
                        middle.truncatedTo(ChronoUnit.MINUTES).minus(Duration.ofMinutes(30 + random.nextInt(300)));
                Instant until = after.plus(Duration.ofHours(12));
                CronTimes times = random.nextInt(4) > 0 ? frequentIn(zone) : plainIn(zone);

                assertThat(byNext(times, after, until))
                        .as("seed %d: %s after %s", SEED, times, after)
                        .containsExactlyElementsOf(byDefinition(times, after, until));
                windows++;
            }
        }
        assertThat(windows).isGreaterThan(1000);
    }

    @Test
    void the_next_time_is_later_from_wherever_it_is_asked_for() {
        ZoneId[] zones = {ZoneId.of("Europe/Berlin"), ZoneId.of("Pacific/Apia"), ZoneId.of("Australia/Lord_Howe")};
        for (int i = 0; i < 3000; i++) {
            Instant after = Instant.ofEpochMilli((long) (random.nextDouble() * UNTIL.toEpochMilli()));
            String expression = expressions.any();
            Timing timing;
            try {
                timing = Timing.cron(expression, zones[i % zones.length]);
            } catch (IllegalArgumentException neverFires) {
                continue;
            }
            Instant next = timing.next(after).orElseThrow();

            assertThat(next).as("%s after %s", timing, after).isAfter(after);
            assertThat(timing.next(next.minusMillis(1)))
                    .as("%s before %s", timing, next)
                    .contains(next);
            assertThat(timing.next(after.plusMillis(after.until(next, ChronoUnit.MILLIS) / 2)))
                    .as("%s between %s and the next", timing, after)
                    .contains(next);
            assertThat(timing.previous(next.plusMillis(1)))
                    .as("%s up to %s", timing, next)
                    .contains(next);
        }
    }

    /** Measured loosely, as a machine may be busy: the target is 1 ms, and the median is a few microseconds. */
    @Test
    void half_of_the_searches_take_less_than_a_millisecond() {
        long[] nanos = new long[2001];
        for (int i = 0; i < nanos.length; i++) {
            CronTimes times = plainIn(ZoneId.of("America/New_York"));
            Instant after = Instant.ofEpochMilli((long) (random.nextDouble() * UNTIL.toEpochMilli()));
            long start = System.nanoTime();
            times.next(after);
            nanos[i] = System.nanoTime() - start;
        }
        Arrays.sort(nanos);

        assertThat(nanos[nanos.length / 2]).isLessThan(1_000_000);
    }

    @Test
    void the_rarest_days_are_at_most_40_years_apart() {
        Instant after = Instant.parse("2070-01-01T00:00:00Z");
        for (int weekday = 0; weekday < 7; weekday++) {
            Timing rare = Timing.cron("0 0 * 2 " + weekday + "#5", ZoneOffset.UTC);
            Instant first = rare.next(after).orElseThrow();
            Instant second = rare.next(first).orElseThrow();
            Instant third = rare.next(second).orElseThrow();

            assertThat(Duration.between(first, second)).isLessThanOrEqualTo(Duration.ofDays(40 * 366));
            assertThat(Duration.between(second, third)).isLessThanOrEqualTo(Duration.ofDays(40 * 366));
        }
    }
}
