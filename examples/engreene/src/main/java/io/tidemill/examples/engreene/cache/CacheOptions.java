package io.tidemill.examples.engreene.cache;

import java.time.Duration;
import java.util.Set;

/**
 * How an entry is cached. Immutable.
 *
 * @param ttl how long, 1 ms to 1 day
 * @param tags what it was made from: an entry is invalid as soon as one of them is
 */
public record CacheOptions(Duration ttl, Set<String> tags) {

    /** The longest life of an entry. */
    public static final Duration LONGEST = Duration.ofDays(1);

    /** Checks the range. */
    public CacheOptions {
        if (ttl.toMillis() < 1 || ttl.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("ttl must be 1 ms to " + LONGEST + ", got " + ttl);
        }
        tags = Set.copyOf(tags);
    }

    /** Without tags. */
    public static CacheOptions ttl(Duration ttl) {
        return new CacheOptions(ttl, Set.of());
    }

    /** The same with these tags. */
    public CacheOptions tags(String... names) {
        return new CacheOptions(ttl, Set.of(names));
    }
}
