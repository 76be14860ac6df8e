package io.tidemill.benchmarks.overhead;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.benchmarks.Arguments;
import io.tidemill.benchmarks.Report;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OverheadTest {

    @Test
    void it_says_what_each_kind_of_measuring_costs_beside_a_queue_without_it() {
        Report report = Overhead.run(Arguments.parse(
                new String[] {"-jobs", "300", "-rounds", "1", "-warmup", "0"}, Set.of("jobs", "rounds", "warmup")));

        assertThat(report.figure("history: the default", "ratio")).isOne();
        assertThat(report.figure("history, meters and spans", "jobs/s")).isPositive();
        assertThat(report.figure("history, meters and spans", "rounds")).isOne();
    }
}
