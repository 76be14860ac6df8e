package io.tidemill.benchmarks.flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.benchmarks.Arguments;
import io.tidemill.benchmarks.Report;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FlowsTest {

    @Test
    void it_says_what_a_job_costs_in_chains_and_in_groups_beside_the_same_job_alone() {
        Report report = Flows.run(Arguments.parse(
                new String[] {"-jobs", "220", "-rounds", "1", "-warmup", "0"}, Set.of("jobs", "rounds", "warmup")));

        assertThat(report.figure("jobs of chains, alone", "clock ratio")).isOne();
        assertThat(report.figure("jobs of groups, alone", "clock ratio")).isOne();
        assertThat(report.figure("chains of 10", "clock")).isPositive();
        assertThat(report.figure("groups of 10", "calls")).isPositive();
    }
}
