package io.tidemill.examples.fashiondeck;

import io.tidemill.examples.fashiondeck.cache.CacheTtls;
import io.tidemill.examples.fashiondeck.refresh.Marketplace;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Where everything is, read from environment variables.
 *
 * @param redis where jobs, products and logs are: of {@code REDIS_HOST}, {@code REDIS_PORT}, {@code REDIS_PASSWORD} and
 *     {@code REDIS_DB}; or of {@code REDIS_SENTINELS} and {@code REDIS_MASTER} in place of host and port
 * @param cache where the cache is: {@code CACHE_REDIS_URL}; else the same as {@code redis}
 * @param ttls of {@code CACHE_TTL_PRODUCTS} and so on
 * @param marketplaces where marketplaces are, by name: {@code AMAZON_URL} and so on
 */
public record Settings(String redis, String cache, CacheTtls ttls, Map<String, URI> marketplaces) {

    private static final int HIGHEST_DB = 15;
    private static final int FIRST_MARKETPLACE_PORT = 8081;

    /** The settings of this process. */
    public static Settings fromEnvironment() {
        return from(System.getenv());
    }

    /** Reads these variables; what is missing has a default that suits a developer's machine. */
    public static Settings from(Map<String, String> environment) {
        String redis = redis(environment);
        return new Settings(
                redis,
                value(environment, "CACHE_REDIS_URL", redis),
                CacheTtls.from(environment),
                marketplaces(environment));
    }

    private static String redis(Map<String, String> environment) {
        String password = value(environment, "REDIS_PASSWORD", "");
        String login = password.isEmpty()
                ? ""
                : ":" + URLEncoder.encode(password, StandardCharsets.UTF_8).replace("+", "%20") + "@";
        int db = number("REDIS_DB", value(environment, "REDIS_DB", "0"), 0, HIGHEST_DB);
        String sentinels = value(environment, "REDIS_SENTINELS", "");
        if (!sentinels.isEmpty()) {
            String master = value(environment, "REDIS_MASTER", "fashiondeck");
            return "redis-sentinel://" + login + sentinels + "/" + db + "#" + master;
        }
        int port = number("REDIS_PORT", value(environment, "REDIS_PORT", "6379"), 1, 65_535);
        return "redis://" + login + value(environment, "REDIS_HOST", "localhost") + ":" + port + "/" + db;
    }

    private static Map<String, URI> marketplaces(Map<String, String> environment) {
        Map<String, URI> addresses = new HashMap<>();
        List<Marketplace> all = Marketplace.ALL;
        for (int i = 0; i < all.size(); i++) {
            String usual = "http://localhost:" + (FIRST_MARKETPLACE_PORT + i);
            addresses.put(all.get(i).name(), URI.create(value(environment, variable(all.get(i)), usual)));
        }
        return Map.copyOf(addresses);
    }

    /** The variable with the address of a marketplace, such as {@code AMAZON_URL}. */
    public static String variable(Marketplace marketplace) {
        return marketplace.name().toUpperCase(Locale.ROOT) + "_URL";
    }

    /** A variable that is set to nothing, as in a compose file, is not set. */
    private static String value(Map<String, String> environment, String name, String usual) {
        String value = environment.getOrDefault(name, "");
        return value.isBlank() ? usual : value;
    }

    private static int number(String name, String value, int least, int most) {
        try {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below, in the same words as a number out of range
        }
        throw new IllegalArgumentException(
                name + " must be a number, " + least + " to " + most + ", got '" + value + "'");
    }
}
