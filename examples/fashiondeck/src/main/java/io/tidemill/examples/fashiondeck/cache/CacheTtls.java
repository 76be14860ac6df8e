package io.tidemill.examples.fashiondeck.cache;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/** How long each kind is cached. Immutable. */
public final class CacheTtls {

    private final Map<CacheKind, Duration> ttls;

    private CacheTtls(Map<CacheKind, Duration> ttls) {
        this.ttls = ttls;
    }

    /** The usual times. */
    public static CacheTtls usual() {
        Map<CacheKind, Duration> ttls = new EnumMap<>(CacheKind.class);
        for (CacheKind kind : CacheKind.values()) {
            ttls.put(kind, kind.usual());
        }
        return new CacheTtls(ttls);
    }

    /**
     * The times that variables such as {@code CACHE_TTL_PRODUCTS} give, in seconds, 0 for no end; the usual ones for
     * the rest.
     */
    public static CacheTtls from(Map<String, String> environment) {
        CacheTtls result = usual();
        for (CacheKind kind : CacheKind.values()) {
            String name = "CACHE_TTL_" + kind.name();
            String value = environment.getOrDefault(name, "");
            if (!value.isEmpty()) {
                result = result.with(kind, seconds(name, value));
            }
        }
        return result;
    }

    private static Duration seconds(String name, String value) {
        if (!value.matches("[0-9]{1,9}")) {
            throw new IllegalArgumentException(
                    name + " must be a number of seconds, 0 to 999999999, got '" + value + "'");
        }
        return Duration.ofSeconds(Long.parseLong(value));
    }

    /** The same with another time for one kind; zero for no end. */
    public CacheTtls with(CacheKind kind, Duration ttl) {
        if (ttl.isNegative()) {
            throw new IllegalArgumentException(
                    "the time that " + kind + " are cached must not be negative, got " + ttl);
        }
        Map<CacheKind, Duration> changed = new EnumMap<>(ttls);
        changed.put(kind, ttl);
        return new CacheTtls(changed);
    }

    /** How long this kind is cached; zero for no end. */
    public Duration of(CacheKind kind) {
        return Objects.requireNonNull(ttls.get(kind));
    }
}
