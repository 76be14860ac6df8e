package io.tidemill.examples.fashiondeck.search;

import com.fasterxml.jackson.core.type.TypeReference;
import io.tidemill.examples.fashiondeck.cache.CacheKind;
import io.tidemill.examples.fashiondeck.cache.CacheService;
import java.util.List;
import java.util.Map;

/** Styles, and the words that sellers use for them. Thread-safe. */
final class Aesthetics {

    private static final Map<String, List<String>> WORDS = Map.of(
            "cottagecore", List.of("floral", "linen", "prairie"),
            "minimalist", List.of("plain", "black", "white"),
            "gorpcore", List.of("waterproof", "hiking", "nylon"),
            "vintage", List.of("denim", "corduroy", "brown"));

    private final CacheService cache;

    Aesthetics(CacheService cache) {
        this.cache = cache;
    }

    /** The words that a word stands for: itself if it is no style. */
    List<String> words(String word) {
        List<String> words = WORDS.get(word);
        if (words == null) {
            return List.of(word);
        }
        return cache.get(CacheKind.AESTHETICS, word, new TypeReference<List<String>>() {})
                .orElseGet(() -> {
                    cache.put(CacheKind.AESTHETICS, word, words);
                    return words;
                });
    }
}
