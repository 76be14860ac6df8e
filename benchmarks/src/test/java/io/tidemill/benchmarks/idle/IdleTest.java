package io.tidemill.benchmarks.idle;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.benchmarks.Arguments;
import io.tidemill.benchmarks.Report;
import java.util.Set;
import org.junit.jupiter.api.Test;

class IdleTest {

    @Test
    void it_tells_what_idle_queues_cost_and_runs_a_job_of_each_kind() {
        Report report = Idle.run(Arguments.parse(
                new String[] {"-queues", "30", "-seconds", "0.3", "-settle", "0.1"},
                Set.of("queues", "seconds", "settle")));

        assertThat(report.table()).contains("serves 1 queue ").contains("serves 1 of 30 queues");
        assertThat(report.figure("serves 30 queues", "job ms")).isPositive();
    }
}
