package io.tidemill.schedule;

import static io.tidemill.schedule.Samples.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is stored of a schedule can be read by people, and is read back as it was. */
class ScheduleCodecTest {

    private static final ScheduleState STATE = Samples.state(Samples.schedule(
                            Timing.cron("0 2 * * *", ZoneId.of("Europe/Berlin")).jitter(Duration.ofMinutes(5)))
                    .withMisfire(Misfire.all(7))
                    .withOverlap(Overlap.BUFFER_ONE))
            .withOwner(new ScheduleState.Owner("shop", 3, 1_795_212_339_800L))
            .fired(
                    at("01:00:00").toEpochMilli(),
                    "s@2026-01-01T01:00:00Z",
                    at("01:00:01").toEpochMilli())
            .buffered(at("02:00:00").toEpochMilli(), at("02:00:01").toEpochMilli())
            .withTrouble(new ScheduleState.Trouble("too large", 2, 5));

    private static String text(ScheduleState state) {
        return new String(ScheduleCodec.encode(state), StandardCharsets.UTF_8);
    }

    private static ScheduleState decode(String text) {
        return ScheduleCodec.decode(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void it_is_lines_that_people_can_read() {
        assertThat(text(STATE)).startsWith("""
            schedule 1
            timing cron Europe/Berlin 0 2 * * *
            bounds 0 -1 300000
            misfire ALL 7 60000
            overlap BUFFER_ONE
            owner shop 3 1795212339800
            due 1767229200000
            waiting 1767232800000
            last 1767229200000
            job s@2026-01-01T01:00:00Z
            counts 1 0 0
            trouble 2 5 too large
            history 2
            1767232801000 1767232800000 BUFFERED 1
            1767229201000 1767229200000 FIRED 1 s@2026-01-01T01:00:00Z
            call\
            """);
    }

    @Test
    void it_is_read_back_as_it_was() {
        List<Timing> timings = List.of(
                Timing.cron("0 2 * * *", ZoneId.of("America/New_York")),
                Timing.cron("@daily", ZoneOffset.UTC).startingAt(at("10:00:00")),
                Timing.cron("*/5 0 9-17 ? * MON-FRI", ZoneId.of("UTC+05:30")).endingBefore(at("10:00:00")),
                Timing.every(Duration.ofMinutes(10)),
                Timing.every(Duration.ofMillis(1001), at("00:00:01")).jitter(Duration.ofSeconds(3)),
                Timing.once(at("23:59:59.999")));
        for (Timing timing : timings) {
            ScheduleState state = Samples.state(Samples.schedule(timing)).pause(0);
            assertThat(decode(text(state))).isEqualTo(state);
            assertThat(decode(text(state)).definition().timing()).isEqualTo(timing);
        }
        assertThat(decode(text(STATE))).isEqualTo(STATE);
        assertThat(decode(text(STATE.movingTo("other")))).isEqualTo(STATE.movingTo("other"));
    }

    @Test
    void what_a_newer_version_wrote_is_not_read() {
        assertThatThrownBy(() -> decode(text(STATE).replace("schedule 1", "schedule 2")))
                .hasMessageContaining("layout 2")
                .hasMessageContaining("update this program");
        assertThatThrownBy(() -> decode(text(STATE).replace("overlap", "colour blue\noverlap")))
                .hasMessageContaining("[colour]");
        assertThatThrownBy(() -> decode(text(STATE).replace("overlap BUFFER_ONE", "overlap BUFFER_ALL")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> decode(text(STATE).replace("Europe/Berlin", "Mars/Olympus")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Mars/Olympus");
    }

    @Test
    void content_that_is_cut_anywhere_is_refused() {
        byte[] whole = ScheduleCodec.encode(STATE);
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = java.util.Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> ScheduleCodec.decode(cut))
                    .as("cut at %d", length)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void two_definitions_are_equal_if_they_do_the_same() {
        Definition one = Definition.of(Samples.schedule(Samples.EVERY_MINUTE), Samples.prepared("a", "[1]"));

        assertThat(one).isEqualTo(Definition.of(Samples.schedule(Samples.EVERY_MINUTE), Samples.prepared("a", "[1]")));
        assertThat(one)
                .isNotEqualTo(Definition.of(Samples.schedule(Samples.EVERY_MINUTE), Samples.prepared("a", "[2]")))
                .isNotEqualTo(Definition.of(Samples.schedule(Samples.EVERY_MINUTE), Samples.prepared("b", "[1]")))
                .isNotEqualTo(Definition.of(
                        Samples.schedule(Samples.EVERY_MINUTE).withOverlap(Overlap.SKIP),
                        Samples.prepared("a", "[1]")));
    }
}
