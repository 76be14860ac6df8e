package io.tidemill.redis;

import io.tidemill.lint.CheckReturnValue;
import io.tidemill.text.Durations;
import io.tidemill.text.Names;
import io.tidemill.text.OptionValues;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * How to talk to Redis. {@code RedisOptions.defaults().withPrefix("shop")} changes one thing and keeps the rest.
 *
 * <p>Immutable. Begin with {@link #defaults()}; each {@code with} method gives a copy and checks the ranges.
 */
@CheckReturnValue
public final class RedisOptions {

    private static final RedisOptions DEFAULTS = new RedisOptions(new Values());

    private final Values values;

    private RedisOptions(Values values) {
        this.values = values;
    }

    /** Prefix "tm", 5 s, 2 s, 10 s, connects at once. */
    public static RedisOptions defaults() {
        return DEFAULTS;
    }

    /** What all keys begin with; a name. Default "tm". Applications that share a Redis need one each. */
    public String prefix() {
        return values.prefix;
    }

    /** How long making a connection may take; 1 ms to 10 years, default 5 s. */
    public Duration connectTimeout() {
        return values.connectTimeout;
    }

    /** How long one answer may take before the request is sent again; 1 ms to 10 years, default 2 s. */
    public Duration commandTimeout() {
        return values.commandTimeout;
    }

    /**
     * How long a request may take before its future fails, with connecting, waiting for its turn and all its
     * repetitions; 1 ms to 10 years, default 10 s.
     */
    public Duration requestTimeout() {
        return values.requestTimeout;
    }

    /** Whether opening succeeds while Redis is away; the first request connects then. Default false. */
    public boolean lazyConnect() {
        return values.lazyConnect;
    }

    /** What becomes of a server that will not do. Default {@link PreflightMode#WARN}. */
    public PreflightMode preflight() {
        return values.preflight;
    }

    /** What else is changed at the client: its name, TLS, credentials. Default {@link RedisCustomizer#NONE}. */
    public RedisCustomizer customizer() {
        return values.customizer;
    }

    /** The same with another {@link #prefix}. */
    public RedisOptions withPrefix(String value) {
        return with(to -> to.prefix = value);
    }

    /** The same with another {@link #connectTimeout}. */
    public RedisOptions withConnectTimeout(Duration value) {
        return with(to -> to.connectTimeout = value);
    }

    /** The same with another {@link #commandTimeout}. */
    public RedisOptions withCommandTimeout(Duration value) {
        return with(to -> to.commandTimeout = value);
    }

    /** The same with another {@link #requestTimeout}. */
    public RedisOptions withRequestTimeout(Duration value) {
        return with(to -> to.requestTimeout = value);
    }

    /** The same with another {@link #lazyConnect}. */
    public RedisOptions withLazyConnect(boolean value) {
        return with(to -> to.lazyConnect = value);
    }

    /** The same with another {@link #preflight}. */
    public RedisOptions withPreflight(PreflightMode value) {
        return with(to -> to.preflight = value);
    }

    /** The same with another {@link #customizer}. */
    public RedisOptions withCustomizer(RedisCustomizer value) {
        return with(to -> to.customizer = value);
    }

    private RedisOptions with(Consumer<Values> change) {
        return new RedisOptions(values.with(change));
    }

    /** Every option with its default. A new one needs a field, a getter and a {@code with} method. */
    private static final class Values extends OptionValues<Values> {

        private String prefix = "tm";
        private Duration connectTimeout = Duration.ofSeconds(5);
        private Duration commandTimeout = Duration.ofSeconds(2);
        private Duration requestTimeout = Duration.ofSeconds(10);
        private boolean lazyConnect;
        private PreflightMode preflight = PreflightMode.WARN;
        private RedisCustomizer customizer = RedisCustomizer.NONE;

        @Override
        protected void check() {
            Names.check("key prefix", prefix);
            Durations.checkPositive("connectTimeout", connectTimeout);
            Durations.checkPositive("commandTimeout", commandTimeout);
            Durations.checkPositive("requestTimeout", requestTimeout);
        }
    }
}
