package io.tidemill.examples.engreene.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.ScoredValue;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import io.tidemill.examples.engreene.RedisData;
import io.tidemill.examples.engreene.TestRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Windows are of a day, so that a slow machine does not see the end of one. */
class RateLimiterTest {

    private static final long DAY = Duration.ofDays(1).toMillis();

    private final RedisClusterCommands<String, String> redis = TestRedis.empty();
    private final RateLimiter limits = new RateLimiter(redis);

    @Test
    void letsAsManyThroughAsAreAllowed() {
        for (int left = 99; left >= 0; left--) {
            assertThat(limits.use("ada", "api_call", 100, DAY))
                    .isEqualTo(new RateLimiter.Decision(true, left, Duration.ZERO));
        }

        RateLimiter.Decision refused = limits.use("ada", "api_call", 100, DAY);
        assertThat(refused.allowed()).isFalse();
        assertThat(refused.left()).isZero();
        assertThat(refused.retryAfter()).isBetween(Duration.ofMillis(1), Duration.ofDays(1));
        assertThat(redis.zcard(RateLimiter.key("ada", "api_call"))).isEqualTo(100);
    }

    @Test
    void usersAndActionsHaveTheirOwn() {
        limits.use("ada", "login", 1, DAY);

        assertThat(limits.use("ada", "login", 1, DAY).allowed()).isFalse();
        assertThat(limits.use("bo", "login", 1, DAY).allowed()).isTrue();
        assertThat(limits.use("ada", "api_call", 1, DAY).allowed()).isTrue();
    }

    @Test
    void usesOlderThanTheWindowDoNotCount() {
        for (int i = 0; i < 3; i++) {
            limits.use("ada", "api_call", 3, DAY);
        }
        String key = RateLimiter.key("ada", "api_call");
        List<ScoredValue<String>> uses = redis.zrangeWithScores(key, 0, -1);

        // The first one was a day and a second ago, the second one half a day
        redis.zadd(key, uses.get(0).getScore() - DAY - 1_000, uses.get(0).getValue());
        redis.zadd(key, uses.get(1).getScore() - DAY / 2d, uses.get(1).getValue());

        assertThat(limits.use("ada", "api_call", 3, DAY).allowed()).isTrue();
        RateLimiter.Decision refused = limits.use("ada", "api_call", 3, DAY);
        assertThat(refused.allowed()).isFalse();
        assertThat(refused.retryAfter())
                .as("when the second one is a day old")
                .isBetween(Duration.ofHours(11), Duration.ofHours(12));
    }

    @Test
    void aLowerLimitHoldsAtOnce() {
        for (int i = 0; i < 5; i++) {
            limits.use("ada", "api_call", 5, DAY);
        }

        assertThat(limits.use("ada", "api_call", 2, DAY).allowed()).isFalse();
        assertThat(limits.use("ada", "api_call", 6, DAY).left()).isZero();
    }

    @Test
    void whatIsNotUsedIsForgotten() {
        limits.use("ada", "api_call", 5, 60_000);

        assertThat(redis.pttl(RateLimiter.key("ada", "api_call"))).isBetween(1L, 60_000L);
    }

    @Test
    void processesThatAskAtOnceDoNotGetMoreTogether() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try (RedisData another = RedisData.connect(TestRedis.uri())) {
            List<RateLimiter> processes = List.of(limits, new RateLimiter(another.commands()));
            List<Callable<Boolean>> uses = new ArrayList<>();
            for (int i = 0; i < 150; i++) {
                RateLimiter process = processes.get(i % 2);
                uses.add(() -> process.use("ada", "api_call", 100, DAY).allowed());
            }
            int allowed = 0;
            for (Future<Boolean> use : threads.invokeAll(uses)) {
                allowed += use.get() ? 1 : 0;
            }

            assertThat(allowed).isEqualTo(100);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void refusesLimitsThatAreNone() {
        assertThatThrownBy(() -> limits.use("ada", "api_call", 0, DAY))
                .hasMessage("a rate limit is 1 to 10000 in 1 ms to 7 days, got 0 in 86400000 ms");
        assertThatThrownBy(() -> limits.use("ada", "api_call", 1, 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
