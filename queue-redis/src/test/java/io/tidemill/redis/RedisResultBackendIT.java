package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.JobOutcome;
import io.tidemill.broker.Subscription;
import io.tidemill.task.BrokerException;
import io.tidemill.test.Waits;
import io.tidemill.test.redis.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** What a Redis does to a result backend by going away. */
class RedisResultBackendIT {

    private static final long LONG_MILLIS = 60_000;

    @Test
    void who_began_to_listen_while_redis_was_away_hears_of_outcomes_when_it_is_back() {
        RedisOptions options = RedisOptions.defaults().withLazyConnect(true).withConnectTimeout(Duration.ofMillis(200));
        try (RedisServer server = RedisServer.start();
                RedisResultBackend backend = RedisResultBackend.connect(server.uri(), options)) {
            server.kill9();
            backend.open();
            Set<String> heard = ConcurrentHashMap.newKeySet();
            Subscription subscription = backend.listen("mail", heard::add);
            Set<String> alsoHeard = ConcurrentHashMap.newKeySet();
            backend.listen("mail", alsoHeard::add);
            assertThat(isStored(backend, "before")).isFalse();

            server.restart();

            Waits.until("an outcome is announced", () -> isStored(backend, "first") && heard.contains("first"));
            subscription.close();
            Waits.until("the next is announced", () -> isStored(backend, "second") && alsoHeard.contains("second"));
            assertThat(heard).doesNotContain("second");
        }
    }

    private static boolean isStored(RedisResultBackend backend, String id) {
        try {
            backend.store("mail", List.of(JobOutcome.succeeded(id, 1, null, LONG_MILLIS)))
                    .join();
            return true;
        } catch (CompletionException e) {
            assertThat(e).hasCauseInstanceOf(BrokerException.class);
            return false;
        }
    }
}
