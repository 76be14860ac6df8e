package io.tidemill.examples.fashiondeck.cache;

import java.time.Duration;
import java.util.Locale;

/** What is cached, and for how long unless {@link CacheTtls} says otherwise. */
public enum CacheKind {
    /** Answers to searches: marketplaces change often. */
    PRODUCTS(Duration.ofHours(6)),
    /** Searches that were parsed. */
    PROMPTS(Duration.ofHours(24)),
    /** Words that a style stands for; they do not change. */
    AESTHETICS(Duration.ZERO),
    /** Vectors of products; the catalog has them too. */
    EMBEDDINGS(Duration.ZERO),
    /** What a visitor searched for; lives for so long after the last visit. */
    SESSIONS(Duration.ofDays(7));

    private final Duration usual;

    CacheKind(Duration usual) {
        this.usual = usual;
    }

    /** The usual time; zero for no end. */
    Duration usual() {
        return usual;
    }

    /** What its keys begin with. */
    String prefix() {
        return "fashiondeck:cache:" + name().toLowerCase(Locale.ROOT) + ":";
    }
}
