package io.tidemill.examples.fashiondeck;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.api.StatefulRedisConnection;
import io.tidemill.test.redis.RedisServer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RedisCheckIT {

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @Test
    void makesTheSixChecksAndLeavesNothingBehind() {
        StatefulRedisConnection<String, String> redis = TestRedis.empty();

        assertThat(check(TestRedis.environment(Map.of()))).isZero();

        assertThat(lines())
                .extracting(line -> line.split(" {2,}")[0])
                .containsExactly(
                        "Redis connection",
                        "cache operations",
                        "expiry",
                        "JSON storage",
                        "queue operations",
                        "speed",
                        "all 6 checks passed");
        assertThat(redis.sync().keys("fashiondeck:*")).isEmpty();
        assertThat(redis.sync().smembers("tm:queues")).isEmpty();
        assertThat(redis.sync().keys("*"))
                .as("what remembers requests and the result expires by itself")
                .allSatisfy(key -> assertThat(redis.sync().ttl(key)).as(key).isNotEqualTo(-1));
    }

    @Test
    void logsInWithThePassword() {
        try (RedisServer server = RedisServer.start("--requirepass", "p@ss:/+%")) {
            Map<String, String> environment =
                    Map.of("REDIS_PORT", Integer.toString(server.port()), "REDIS_PASSWORD", "p@ss:/+%");
            assertThat(check(environment)).isZero();
            assertThat(check(Map.of("REDIS_PORT", Integer.toString(server.port()), "REDIS_PASSWORD", "wrong")))
                    .isEqualTo(1);
        }
        assertThat(lines()).anyMatch(line -> line.contains("FAILED") && line.contains("WRONGPASS"));
    }

    @Test
    void saysThatNobodyIsThere() {
        assertThat(check(Map.of("REDIS_HOST", "127.0.0.1", "REDIS_PORT", "1"))).isEqualTo(1);

        assertThat(lines().get(0)).startsWith("Redis connection").contains("FAILED", "Connection refused");
        assertThat(lines().get(1)).isEqualTo("the other five checks need a connection");
    }

    @Test
    void refusesAServerThatThrowsJobsAway() {
        try (RedisServer server = RedisServer.start("--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru")) {
            assertThat(check(Map.of("REDIS_PORT", Integer.toString(server.port()))))
                    .isEqualTo(1);
        }

        assertThat(lines())
                .anyMatch(line ->
                        line.startsWith("queue operations") && line.contains("set maxmemory-policy to noeviction"));
    }

    @Test
    void saysWhichSettingIsWrong() {
        assertThat(check(Map.of("REDIS_DB", "x"))).isEqualTo(2);
        assertThat(lines()).containsExactly("REDIS_DB must be a number, 0 to 15, got 'x'");
    }

    private int check(Map<String, String> environment) {
        return RedisCheck.run(environment, new PrintStream(printed, true, StandardCharsets.UTF_8));
    }

    private List<String> lines() {
        return printed.toString(StandardCharsets.UTF_8).lines().toList();
    }
}
