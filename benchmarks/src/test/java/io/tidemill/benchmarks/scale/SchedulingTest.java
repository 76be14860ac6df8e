package io.tidemill.benchmarks.scale;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.benchmarks.Arguments;
import io.tidemill.benchmarks.Report;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SchedulingTest {

    @Test
    void it_puts_and_fires_schedules() {
        Report report = Scheduling.run(Arguments.parse(
                new String[] {"-schedules", "300", "-seconds", "0.1", "-settle", "0.1"},
                Set.of("schedules", "seconds", "settle")));

        assertThat(report.figure("300", "put /s")).isPositive();
        assertThat(report.figure("300", "fired and run /s")).isPositive();
        assertThat(report.figure("1", "fired and run /s")).isPositive();
    }
}
