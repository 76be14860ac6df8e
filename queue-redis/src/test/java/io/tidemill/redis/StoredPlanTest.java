package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.ScheduleStep;
import io.tidemill.broker.StoredSchedule;
import io.tidemill.redis.keys.WireText;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Redis keeps of a schedule is read as it was written, and nothing else is read. */
class StoredPlanTest {

    private static final byte[] CONTENT = {0, ' ', '\n', (byte) 0xff, '!'};

    @ParameterizedTest
    @ValueSource(longs = {StoredSchedule.NEVER, 0, 1_800_000_000_000L, Long.MAX_VALUE})
    void a_plan_is_read_as_it_was_written(long fireAt) {
        String longest = "\ud83d\ude00".repeat(128);
        StoredSchedule schedule = new StoredSchedule("a name!", longest, fireAt, CONTENT);

        StoredSchedule read = StoredPlan.read(WireText.of("name", "a name!"), StoredPlan.write(schedule))
                .orElseThrow();

        assertThat(read).usingRecursiveComparison().isEqualTo(schedule);
    }

    @Test
    void a_step_is_a_name_and_a_revision_before_a_plan() {
        ScheduleStep step = new ScheduleStep("r 1", new StoredSchedule("s", "r!2", -1, new byte[] {'x'}));

        assertThat(StoredPlan.step(step)).asString(StandardCharsets.US_ASCII).isEqualTo("s r!01 r!12 -1 x");
        assertThat(StoredPlan.step(null)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "r", "r 1", " 1 x", "r x y", "r -2 x", "r 1\nx", "r 99999999999999999999 x", "r\u0001 1 x"})
    void what_something_else_wrote_is_not_read(String plan) {
        assertThat(StoredPlan.read("s", plan.getBytes(StandardCharsets.ISO_8859_1)))
                .isEmpty();
        assertThat(StoredPlan.read("\u0001", "r 1 x".getBytes(StandardCharsets.ISO_8859_1)))
                .isEmpty();
    }
}
