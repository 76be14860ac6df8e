package io.tidemill.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LoadTest {

    @Test
    void it_runs_in_memory_and_at_a_rate() throws Exception {
        String table = Load.run("-broker", "memory", "-seconds", "0.2", "-warmup", "0.1", "-rate", "500");
        assertThat(table).contains("enqueue -> stored").contains("enqueue -> start");
        assertThat(countOf("enqueue -> stored", table)).isPositive();
        assertThat(countOf("enqueue -> start", table)).isPositive();
    }

    @Test
    void it_runs_on_redis_as_fast_as_it_goes() throws Exception {
        String table = Load.run("-seconds", "0.2", "-warmup", "0.1", "-payload", "200", "-concurrency", "10");
        assertThat(countOf("enqueue -> stored", table)).isPositive();
    }

    private static int countOf(String row, String table) {
        String line =
                table.lines().filter(each -> each.startsWith(row)).findFirst().orElseThrow();
        return Integer.parseInt(
                line.substring(row.length()).strip().split(" +", -1)[0].replace(",", ""));
    }
}
