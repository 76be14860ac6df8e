package io.tidemill.examples.engreene.cache;

import java.util.List;

/**
 * What is to be cached before anybody asks: the data of {@code cache_warmup}.
 *
 * @param areas {@code templates}, {@code vendors}; all if empty
 */
public record Warmup(List<String> areas) {

    /** The type of the jobs that warm the cache up. */
    public static final String TYPE = "cache_warmup";

    /** Everything. */
    public static final Warmup ALL = new Warmup(List.of());

    /** Absent areas are all. */
    public Warmup {
        areas = areas == null ? List.of() : List.copyOf(areas);
    }
}
