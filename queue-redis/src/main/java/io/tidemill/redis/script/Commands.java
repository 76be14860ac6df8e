package io.tidemill.redis.script;

import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;

/** The commands of a connection, whether it leads to one server or to a cluster: Lettuce has no type for both. */
public final class Commands {

    private Commands() {}

    /**
     * Commands that answer later.
     *
     * @throws IllegalArgumentException if the connection is for neither, such as one to a sentinel
     */
    public static <K, V> RedisClusterAsyncCommands<K, V> async(StatefulConnection<K, V> connection) {
        if (connection instanceof StatefulRedisConnection<K, V> single) {
            return single.async();
        }
        if (connection instanceof StatefulRedisClusterConnection<K, V> cluster) {
            return cluster.async();
        }
        throw neither(connection);
    }

    /**
     * Commands that wait for their answer.
     *
     * @throws IllegalArgumentException if the connection is for neither, such as one to a sentinel
     */
    public static <K, V> RedisClusterCommands<K, V> sync(StatefulConnection<K, V> connection) {
        if (connection instanceof StatefulRedisConnection<K, V> single) {
            return single.sync();
        }
        if (connection instanceof StatefulRedisClusterConnection<K, V> cluster) {
            return cluster.sync();
        }
        throw neither(connection);
    }

    private static IllegalArgumentException neither(StatefulConnection<?, ?> connection) {
        return new IllegalArgumentException(
                "a connection to a server or a cluster is needed, got " + connection.getClass());
    }
}
