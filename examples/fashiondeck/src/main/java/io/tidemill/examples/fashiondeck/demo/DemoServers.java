package io.tidemill.examples.fashiondeck.demo;

import io.tidemill.examples.fashiondeck.Settings;
import io.tidemill.examples.fashiondeck.refresh.Marketplace;
import io.tidemill.test.redis.RedisServer;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * The servers around the application: a Redis that keeps what it is given, another one for the cache that throws away
 * what was not used for longest, unless the environment names others; and the marketplaces.
 */
public final class DemoServers implements AutoCloseable {

    /** The category that the marketplace {@link #SHAKY} cannot give at first. */
    public static final String SHAKY_CATEGORY = "shoes";

    /** The marketplace that is down for two requests. */
    public static final String SHAKY = "asos";

    private static final int REFUSALS = 2;

    private final Map<String, String> environment;
    private final Deque<AutoCloseable> servers = new ArrayDeque<>();

    private DemoServers(Map<String, String> environment) {
        this.environment = new HashMap<>(environment);
    }

    /** Starts what the environment does not name. */
    public static DemoServers start(Map<String, String> environment) throws IOException {
        DemoServers servers = new DemoServers(environment);
        try {
            servers.start();
            return servers;
        } catch (IOException | RuntimeException e) {
            servers.close();
            throw e;
        }
    }

    private void start() throws IOException {
        if (!environment.containsKey("REDIS_HOST") && !environment.containsKey("REDIS_SENTINELS")) {
            RedisServer redis = opened(RedisServer.start("--appendonly", "yes", "--appendfsync", "everysec"));
            environment.put("REDIS_HOST", "127.0.0.1");
            environment.put("REDIS_PORT", Integer.toString(redis.port()));
            environment.remove("REDIS_PASSWORD");
        }
        if (!environment.containsKey("CACHE_REDIS_URL")) {
            RedisServer cache = opened(RedisServer.start("--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru"));
            environment.put("CACHE_REDIS_URL", cache.uri());
        }
        for (Marketplace marketplace : Marketplace.ALL) {
            MarketplaceServer server = opened(MarketplaceServer.start(marketplace.name()));
            if (marketplace.name().equals(SHAKY)) {
                server.refuse(SHAKY_CATEGORY, REFUSALS);
            }
            environment.put(Settings.variable(marketplace), server.url().toString());
        }
    }

    private <S extends AutoCloseable> S opened(S server) {
        servers.push(server);
        return server;
    }

    /** The variables with which the application finds all of them. */
    public Map<String, String> environment() {
        return Map.copyOf(environment);
    }

    @Override
    public void close() {
        while (!servers.isEmpty()) {
            try {
                servers.pop().close();
            } catch (Exception e) {
                throw new IllegalStateException("a server of the demo could not be stopped", e);
            }
        }
    }
}
