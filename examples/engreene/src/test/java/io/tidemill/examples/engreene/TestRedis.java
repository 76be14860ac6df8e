package io.tidemill.examples.engreene;

import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import io.tidemill.test.redis.RedisServer;

/** One Redis for all tests of this module, which ends with the JVM; emptied by whoever uses it. */
public final class TestRedis {

    private static final RedisServer SERVER = RedisServer.start();
    private static final RedisData DATA = RedisData.connect(SERVER.uri());

    private TestRedis() {}

    /** An empty Redis. */
    public static RedisClusterCommands<String, String> empty() {
        DATA.commands().flushall();
        return DATA.commands();
    }

    /** Its address. */
    public static String uri() {
        return SERVER.uri();
    }
}
