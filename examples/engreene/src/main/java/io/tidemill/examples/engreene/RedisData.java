package io.tidemill.examples.engreene;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import java.time.Duration;

/**
 * The connection for the application's own data: sessions, cache, limits, wallets. Jobs have connections of their own.
 * Looks by itself whether the server is a cluster; everything stored here keeps the keys of one script in one slot.
 * Thread-safe.
 */
public final class RedisData implements AutoCloseable {

    /** A page gets an error after this time; if the one server is away at once, as commands do not wait for it. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final AbstractRedisClient client;
    private final RedisClusterCommands<String, String> commands;
    private final boolean isCluster;

    private RedisData(AbstractRedisClient client, RedisClusterCommands<String, String> commands, boolean isCluster) {
        this.client = client;
        this.commands = commands;
        this.isCluster = isCluster;
    }

    /** Connects to a server, or to a cluster if the server is a node of one. */
    public static RedisData connect(String url) {
        RedisURI uri = RedisURI.create(url);
        uri.setTimeout(PATIENCE);
        RedisClient single = RedisClient.create(uri);
        single.setOptions(ClientOptions.builder()
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .build());
        try {
            RedisClusterCommands<String, String> commands = single.connect().sync();
            if (!commands.info("cluster").contains("cluster_enabled:1")) {
                return new RedisData(single, commands, false);
            }
        } catch (RuntimeException e) {
            single.shutdown();
            throw e;
        }
        single.shutdown();
        return cluster(uri);
    }

    private static RedisData cluster(RedisURI uri) {
        RedisClusterClient cluster = RedisClusterClient.create(uri);
        try {
            return new RedisData(cluster, cluster.connect().sync(), true);
        } catch (RuntimeException e) {
            cluster.shutdown();
            throw e;
        }
    }

    /** The commands that a server and a cluster have in common. */
    public RedisClusterCommands<String, String> commands() {
        return commands;
    }

    /** Whether the server is a cluster. */
    public boolean isCluster() {
        return isCluster;
    }

    @Override
    public void close() {
        client.shutdown();
    }
}
