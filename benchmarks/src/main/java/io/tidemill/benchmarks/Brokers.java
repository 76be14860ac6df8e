package io.tidemill.benchmarks;

import io.tidemill.redis.RedisBroker;
import io.tidemill.redis.RedisOptions;
import java.time.Duration;

/** Connects what is measured to Redis. */
public final class Brokers {

    /** A busy machine takes a while to connect, and how long is nothing that is measured. */
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(60);

    private Brokers() {}

    /** A broker with the usual settings and much time to connect. */
    public static RedisBroker connect(String uri) {
        return RedisBroker.connect(uri, RedisOptions.defaults().withConnectTimeout(CONNECT_TIMEOUT));
    }
}
