package io.tidemill.examples.fashiondeck;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.tidemill.test.redis.RedisServer;
import java.util.HashMap;
import java.util.Map;

/** One Redis for all tests of this module, which ends with the JVM; emptied by whoever uses it. */
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

    /** Its address. */
    public static String uri() {
        return SERVER.uri();
    }

    /** The variables of an application on it, and these. */
    public static Map<String, String> environment(Map<String, String> more) {
        Map<String, String> environment = new HashMap<>(more);
        environment.put("REDIS_HOST", "127.0.0.1");
        environment.put("REDIS_PORT", Integer.toString(SERVER.port()));
        return environment;
    }

    /** Settings of an application on it. */
    public static Settings settings(Map<String, String> more) {
        return Settings.from(environment(more));
    }
}
