package io.tidemill.redis;

import io.tidemill.text.Durations;
import io.tidemill.text.Names;
import java.time.Duration;

/**
 * How to talk to Redis. {@code RedisOptions.defaults().withPrefix("shop")} changes one thing and keeps the rest.
 *
 * @param prefix what all keys begin with; a name. Default "tm"
 * @param connectTimeout how long making a connection may take. Default 5 s
 * @param commandTimeout how long one answer may take before the request is sent again. Default 2 s
 * @param requestTimeout how long a request may take before its future fails, with connecting, waiting for its turn and
 *     all its repetitions. Default 10 s
 * @param lazyConnect whether opening succeeds while Redis is away; the first request connects then. Default false
 * @param preflight what becomes of a server that will not do. Default {@link PreflightMode#WARN}
 * @param customizer what else is changed at the client: its name, TLS, credentials. Default
 *     {@link RedisCustomizer#NONE}
 */
public record RedisOptions(
        String prefix,
        Duration connectTimeout,
        Duration commandTimeout,
        Duration requestTimeout,
        boolean lazyConnect,
        PreflightMode preflight,
        RedisCustomizer customizer) {

    private static final RedisOptions DEFAULTS = new RedisOptions(
            "tm",
            Duration.ofSeconds(5),
            Duration.ofSeconds(2),
            Duration.ofSeconds(10),
            false,
            PreflightMode.WARN,
            RedisCustomizer.NONE);

    /**
     * Options, checked.
     *
     * @throws IllegalArgumentException if the prefix is not a name or a time is not between 1 ms and 10 years
     */
    public RedisOptions {
        Names.check("key prefix", prefix);
        Durations.checkPositive("connectTimeout", connectTimeout);
        Durations.checkPositive("commandTimeout", commandTimeout);
        Durations.checkPositive("requestTimeout", requestTimeout);
    }

    /** Prefix "tm", 5 s, 2 s, 10 s, connects at once. */
    public static RedisOptions defaults() {
        return DEFAULTS;
    }

    /** The same with another prefix: applications that share a Redis need one each. */
    public RedisOptions withPrefix(String value) {
        return new RedisOptions(
                value, connectTimeout, commandTimeout, requestTimeout, lazyConnect, preflight, customizer);
    }

    /** The same with another connect timeout. */
    public RedisOptions withConnectTimeout(Duration value) {
        return new RedisOptions(prefix, value, commandTimeout, requestTimeout, lazyConnect, preflight, customizer);
    }

    /** The same with another command timeout. */
    public RedisOptions withCommandTimeout(Duration value) {
        return new RedisOptions(prefix, connectTimeout, value, requestTimeout, lazyConnect, preflight, customizer);
    }

    /** The same with another request timeout. */
    public RedisOptions withRequestTimeout(Duration value) {
        return new RedisOptions(prefix, connectTimeout, commandTimeout, value, lazyConnect, preflight, customizer);
    }

    /** The same, connecting when first needed or when opened. */
    public RedisOptions withLazyConnect(boolean value) {
        return new RedisOptions(prefix, connectTimeout, commandTimeout, requestTimeout, value, preflight, customizer);
    }

    /** The same, looking at the server more or less closely. */
    public RedisOptions withPreflight(PreflightMode value) {
        return new RedisOptions(prefix, connectTimeout, commandTimeout, requestTimeout, lazyConnect, value, customizer);
    }

    /** The same with another client name, TLS or credentials. */
    public RedisOptions withCustomizer(RedisCustomizer value) {
        return new RedisOptions(prefix, connectTimeout, commandTimeout, requestTimeout, lazyConnect, preflight, value);
    }
}
