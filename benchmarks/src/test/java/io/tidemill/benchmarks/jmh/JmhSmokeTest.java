package io.tidemill.benchmarks.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;

/** Every benchmark runs. What it measures in ten milliseconds means nothing. */
class JmhSmokeTest {

    @Test
    void every_benchmark_runs() throws Exception {
        Collection<RunResult> results = new Runner(
                        JmhMain.options("-f", "0", "-wi", "0", "-i", "1", "-r", "10ms", "-foe", "true", "-v", "SILENT"))
                .run();
        Set<String> benchmarks = results.stream()
                .map(result -> result.getParams().getBenchmark())
                .map(name -> name.replaceFirst(".*\\.(\\w+\\.\\w+)$", "$1"))
                .collect(Collectors.toSet());
        assertThat(benchmarks)
                .containsExactlyInAnyOrder(
                        "CodecBenchmark.encodePayload",
                        "CodecBenchmark.decodePayload",
                        "CodecBenchmark.encodeJob",
                        "CodecBenchmark.decodeJob",
                        "CallBenchmark.byMethodReference",
                        "CallBenchmark.byName",
                        "BrokerBenchmark.enqueueClaimComplete",
                        "BrokerBenchmark.enqueueCompleteAndClaim");
    }
}
