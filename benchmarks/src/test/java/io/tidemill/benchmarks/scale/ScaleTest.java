package io.tidemill.benchmarks.scale;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.benchmarks.Arguments;
import io.tidemill.benchmarks.Report;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ScaleTest {

    @Test
    void it_compares_small_queues_with_a_large_one_and_with_bare_redis() {
        Report report = Scale.run(Arguments.parse(
                new String[] {"-small", "200", "-large", "2000", "-concurrency", "10"},
                Set.of("small", "large", "concurrency")));

        assertThat(report.figure("queues of 200", "jobs")).isEqualTo(400);
        assertThat(report.figure("a queue of 2000", "jobs")).isEqualTo(2000);
        assertThat(report.figure("a queue of 2000, ratio", "us per job")).isPositive();
        assertThat(report.figure("bare commands, 2000", "us per job")).isPositive();
    }
}
