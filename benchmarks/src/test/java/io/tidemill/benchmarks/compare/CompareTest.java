package io.tidemill.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The comparison runs, without the peers that need Node: the whole of it in a few seconds, which means nothing. */
class CompareTest {

    @Test
    void every_work_with_plain_jobs_is_measured_and_written(@TempDir Path home) throws Exception {
        JsonNode figures = measured(home, "enqueue_single,enqueue_bulk,process,latency,bytes", 1, "0.02");
        assertThat(figures.fieldNames())
                .toIterable()
                .containsExactly(
                        "enqueue_single",
                        "enqueue_bulk",
                        "process",
                        "latency_p50_us",
                        "latency_p99_us",
                        "bytes_waiting_51",
                        "bytes_waiting_200",
                        "bytes_waiting_1050",
                        "bytes_delayed_51");
        for (JsonNode row : figures) {
            assertThat(row.path("limit").asDouble()).isPositive();
        }
        // 51 bytes are in there, and a job costs less than a kilobyte around them.
        assertThat(figures.path("bytes_waiting_51").path("tidemill").asDouble()).isBetween(51.0, 1000.0);
    }

    /** Starts another JVM, which takes its time on a busy machine. */
    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void every_feature_is_measured_and_written(@TempDir Path home) throws Exception {
        JsonNode figures = measured(home, "latency_other,roundtrip,delayed,priority,unique,retry,flow", 0, "0.02");
        assertThat(figures.fieldNames())
                .toIterable()
                .containsExactly(
                        "latency_other_p50_us",
                        "roundtrip_p50_us",
                        "delayed",
                        "priority",
                        "unique",
                        "retry",
                        "flow_chain",
                        "flow_group",
                        "flow");
        for (JsonNode row : figures) {
            assertThat(row.path("limit").isNull()).isTrue();
        }
    }

    @Test
    void a_round_whose_time_is_over_before_it_begins_has_stored_a_job(@TempDir Path home) throws Exception {
        JsonNode figures = measured(home, "enqueue_single,enqueue_bulk,unique", 0, "0");
        assertThat(figures).hasSize(3);
    }

    private static JsonNode measured(Path home, String works, int warmUps, String seconds) throws IOException {
        Compare.main(new String[] {
            "-only",
            "tidemill,limit",
            "-works",
            works,
            "-rounds",
            "1",
            "-warmups",
            String.valueOf(warmUps),
            "-seconds",
            seconds,
            "-samples",
            "20",
            "-jobs",
            "1000",
            "-home",
            home.toString()
        });
        JsonNode figures =
                new ObjectMapper().readTree(home.resolve("target/compare.json").toFile());
        for (JsonNode row : figures) {
            assertThat(row.fieldNames())
                    .toIterable()
                    .containsExactly("tidemill", "bullmq", "beequeue", "limit", "ratio_bullmq");
            assertThat(row.path("tidemill").asDouble()).isPositive();
            assertThat(row.path("bullmq").isNull()).isTrue();
        }
        return figures;
    }

    @Test
    void the_median_of_an_even_number_is_between_the_two_in_the_middle() {
        Results results = new Results();
        for (double figure : new double[] {4, 1, 9, 2}) {
            results.add("work", "tidemill", figure);
        }
        assertThat(results.median("work", "tidemill")).isEqualTo(3);
        assertThat(results.median("work", "bullmq")).isNull();
    }

    @Test
    void a_work_whose_rounds_differ_too_much_is_called_unsteady() {
        Results results = new Results();
        for (double figure : new double[] {100, 110, 120}) {
            results.add("steady", "tidemill", figure);
            results.add("shaken", "tidemill", figure);
            results.add("shaken", "bullmq", figure * figure);
        }
        assertThat(results.table()).contains("steady").doesNotContain("UNSTEADY");
        results.add("shaken", "bullmq", 1);
        assertThat(results.table()).contains("UNSTEADY: shaken.");
    }

    @Test
    void the_best_round_of_a_time_is_the_shortest_and_of_a_speed_the_highest() {
        Results results = new Results();
        for (String work : new String[] {"roundtrip_p50_us", "retry"}) {
            results.add(work, "tidemill", 10);
            results.add(work, "tidemill", 30);
            results.add(work, "bullmq", 20);
            results.add(work, "bullmq", 40);
        }
        assertThat(results.table().lines().filter(line -> line.contains("..")))
                .satisfiesExactly(
                        line -> assertThat(line).contains("roundtrip_p50_us").endsWith(" 0.50 |"),
                        line -> assertThat(line).contains("retry").endsWith(" 0.75 |"));
    }

    @Test
    void the_speed_of_both_counts_as_many_jobs_of_each() {
        Results results = new Results();
        results.add("flow_chain", "tidemill", 100);
        results.add("flow_group", "tidemill", 300);
        results.addBoth("flow", "flow_chain", "flow_group", "tidemill");
        // 300 jobs in 3 s, and 300 in 1 s.
        assertThat(results.median("flow", "tidemill")).isCloseTo(150, within(1e-6));
    }

    @Test
    void an_unknown_option_is_refused() {
        assertThatThrownBy(() -> Compare.main(new String[] {"-round", "1"}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("-round")
                .hasMessageContaining("rounds");
    }
}
