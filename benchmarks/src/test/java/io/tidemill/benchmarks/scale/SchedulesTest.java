package io.tidemill.benchmarks.scale;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.benchmarks.Arguments;
import io.tidemill.benchmarks.Report;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SchedulesTest {

    @Test
    void it_tells_what_schedules_take() {
        Report report = Schedules.run(
                Arguments.parse(new String[] {"-schedules", "1000", "-single", "10"}, Set.of("schedules", "single")));

        assertThat(report.figure("2,000 bytes", "bytes each")).isGreaterThan(2_000);
        assertThat(report.figure("100 bytes", "one by one /s")).isPositive();
    }
}
