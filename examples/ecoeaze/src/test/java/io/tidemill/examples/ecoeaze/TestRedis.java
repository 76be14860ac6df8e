package io.tidemill.examples.ecoeaze;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.tidemill.test.redis.RedisServer;
import java.util.HashMap;
import java.util.Map;

/**
 * One Redis for all tests of this module, which ends with the JVM; emptied by whoever uses it, and a connection per
 * client.
 */
public final class TestRedis {

    private static final RedisServer SERVER = RedisServer.start();
    private static final RedisClient CLIENT = RedisClient.create(SERVER.uri());
    private static final StatefulRedisConnection<String, String> CONNECTION = CLIENT.connect();

    private TestRedis() {}

    /** An empty Redis. */
    public static StatefulRedisConnection<String, String> empty() {
        CONNECTION.sync().flushall();
        return CONNECTION;
    }

    /** Another connection, as another process has one. */
    public static StatefulRedisConnection<String, String> another() {
        return CLIENT.connect();
    }

    /** Its address. */
    public static String uri() {
        return SERVER.uri();
    }

    /** Settings of an application on it that has nothing else. */
    public static Settings settings(Map<String, String> more) {
        Map<String, String> environment = new HashMap<>(more);
        environment.put("REDIS_URL", uri());
        return Settings.from(environment);
    }
}
