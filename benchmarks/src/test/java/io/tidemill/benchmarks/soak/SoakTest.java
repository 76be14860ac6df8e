package io.tidemill.benchmarks.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tidemill.benchmarks.Arguments;
import io.tidemill.benchmarks.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SoakTest {

    @Test
    void it_runs_the_whole_mix() {
        Report report = new Report("figure", List.of("first half", "second half", "rise", "allowed", "flat"));
        Soak.run(
                Arguments.parse(
                        new String[] {"-minutes", "0.03", "-every", "0.2", "-backlog", "300"},
                        Set.of("minutes", "every", "backlog")),
                report);

        assertThat(report.figure("jobs per second", "second half")).isPositive();
        assertThat(report.figure("threads", "second half")).isPositive();
        assertThat(report.figure("clients", "flat")).isEqualTo(1);
    }

    @Test
    void what_grows_is_found_and_what_swings_is_not() {
        List<double[]> samples = new ArrayList<>();
        for (int i = 0; i < 90; i++) {
            samples.add(new double[] {100 + i, i % 2 == 0 ? 90 : 110});
        }

        assertThat(Soak.rise(samples, 45, 0)).isCloseTo(44, within(0.001));
        assertThat(Soak.rise(samples, 45, 1)).isBetween(-2.0, 2.0);
    }
}
