package io.tidemill.benchmarks.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.benchmarks.Arguments;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** No script's time may grow with the queue. Its order of growth is what is tested; figures are for a quiet machine. */
class ScriptsTest {

    private static final double MOST_TIMES = 3;
    /** What a machine that does other things adds to the luckiest of some calls. */
    private static final double SLACK_MICROS = 1000;

    @Test
    void a_queue_five_times_as_long_makes_no_script_three_times_as_slow() {
        // Large enough that each call finds something to do: a tenth of the jobs are dead, and purge takes 250 at a
        // time.
        Map<String, double[]> small = run("20000");
        Map<String, double[]> large = run("100000");

        assertThat(large.keySet()).isEqualTo(small.keySet()).hasSizeGreaterThan(40);
        small.forEach((name, micros) -> assertThat(large.get(name)[0])
                .as("%s: lowest of all calls, in microseconds, against %s", name, micros[0])
                .isLessThan(MOST_TIMES * micros[0] + SLACK_MICROS));
    }

    private static Map<String, double[]> run(String jobs) {
        return Scripts.run(Arguments.parse(
                new String[] {"-jobs", jobs, "-groups", "200", "-leases", "300", "-rounds", "5"},
                Set.of("jobs", "groups", "leases", "rounds")));
    }
}
