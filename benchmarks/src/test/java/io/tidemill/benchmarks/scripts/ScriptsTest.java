package io.tidemill.benchmarks.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.benchmarks.Arguments;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** No script's time may grow with the queue. Its order of growth is what is tested; figures are for a quiet machine. */
class ScriptsTest {

    /** Whether this is a thorough build; an ordinary one measures shorter queues, and each call three times. */
    private static final boolean FULL = Boolean.getBoolean("tidemill.thorough");

    private static final double MOST_TIMES = 2;
    /** What a machine that does other things adds to the luckiest of some calls. */
    private static final double SLACK_MICROS = 1000;
    /** A script that grows does so each time; one that the machine held up does not, also beside a full build. */
    private static final int MEASUREMENTS = 6;

    @Test
    @Tag("thorough")
    @Timeout(value = 8, unit = TimeUnit.MINUTES)
    void a_queue_five_times_as_long_makes_no_script_twice_as_slow() {
        Map<String, String> slower = slowerInLargeQueues();
        for (int i = 1; i < MEASUREMENTS && !slower.isEmpty(); i++) {
            slower.keySet().retainAll(slowerInLargeQueues().keySet());
        }

        assertThat(slower).isEmpty();
    }

    /** The calls that are slower there, and how much so. */
    private static Map<String, String> slowerInLargeQueues() {
        // Large enough that each call finds something to do: a tenth of the jobs are dead, in whole thousands, and
        // purge and redrive take 250 at a time.
        int jobs = FULL ? 20_000 : 12_000;
        Map<String, double[]> small = run(jobs);
        Map<String, double[]> large = run(5 * jobs);
        assertThat(large.keySet()).isEqualTo(small.keySet()).hasSizeGreaterThan(40);
        Map<String, String> slower = new TreeMap<>();
        small.forEach((name, micros) -> {
            double inLarge = large.get(name)[0];
            if (inLarge >= MOST_TIMES * micros[0] + SLACK_MICROS) {
                slower.put(name, "lowest of all calls: " + inLarge + " microseconds instead of " + micros[0]);
            }
        });
        return slower;
    }

    private static Map<String, double[]> run(int jobs) {
        return Scripts.run(Arguments.parse(
                new String[] {
                    "-jobs", Integer.toString(jobs), "-groups", "200", "-leases", "300", "-rounds", FULL ? "5" : "3"
                },
                Set.of("jobs", "groups", "leases", "rounds")));
    }
}
