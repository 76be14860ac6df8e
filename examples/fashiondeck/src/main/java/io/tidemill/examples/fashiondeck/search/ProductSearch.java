package io.tidemill.examples.fashiondeck.search;

import com.fasterxml.jackson.core.type.TypeReference;
import io.tidemill.examples.fashiondeck.analytics.QueryLog;
import io.tidemill.examples.fashiondeck.analytics.QueryRecord;
import io.tidemill.examples.fashiondeck.cache.CacheKind;
import io.tidemill.examples.fashiondeck.cache.CacheService;
import io.tidemill.examples.fashiondeck.catalog.Catalog;
import io.tidemill.examples.fashiondeck.catalog.Product;
import io.tidemill.examples.fashiondeck.catalog.Vectors;
import io.tidemill.examples.fashiondeck.embeddings.Embedder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds the products whose vectors are nearest to a search. Thread-safe. */
public final class ProductSearch {

    /** How many products a search finds at most. */
    public static final int MOST = 10;

    /** A product this far from the search has nothing to do with it. */
    private static final double NEAR = 0.25;

    private static final int REMEMBERED = 20;

    private final Catalog catalog;
    private final CacheService cache;
    private final Embedder embedder;
    private final QueryLog log;
    private final Aesthetics aesthetics;

    /** Searches in this catalog, and writes each search into this log. */
    public ProductSearch(Catalog catalog, CacheService cache, Embedder embedder, QueryLog log) {
        this.catalog = catalog;
        this.cache = cache;
        this.embedder = embedder;
        this.log = log;
        this.aesthetics = new Aesthetics(cache);
    }

    /** The nearest products, the nearest first. Remembers for the visitor's session what was searched for. */
    public List<Product> search(String session, String query) {
        long began = System.nanoTime();
        String text = query.strip().toLowerCase(Locale.ROOT);
        String key = CacheService.generateHash(text);
        Optional<List<Product>> cached = cache.getCachedProducts(key);
        List<Product> found = cached.orElseGet(() -> find(key, text));
        remember(session, text);
        log.add(new QueryRecord(text, found.size(), cached.isPresent(), (System.nanoTime() - began) / 1_000));
        return found;
    }

    private List<Product> find(String key, String text) {
        Prompt prompt = cache.get(CacheKind.PROMPTS, key, new TypeReference<Prompt>() {})
                .orElseGet(() -> parsed(key, text));
        float[] wanted =
                embedder.embed(List.of(String.join(" ", prompt.words()))).get(0);
        Map<String, float[]> vectors = catalog.vectors();
        List<Product> found = catalog.products().stream()
                .filter(product -> product.cents() <= prompt.mostCents())
                .map(product -> new Match(product, cosine(wanted, vectors.get(product.id()))))
                .filter(match -> match.cosine() >= NEAR)
                .sorted(Comparator.comparingDouble(Match::cosine)
                        .reversed()
                        .thenComparing(match -> match.product().id()))
                .limit(MOST)
                .map(Match::product)
                .toList();
        cache.cacheProducts(key, found);
        return found;
    }

    /** A product without a vector is not near anything yet. */
    private static double cosine(float[] wanted, float @Nullable [] vector) {
        return vector == null ? 0 : Vectors.cosine(wanted, vector);
    }

    private Prompt parsed(String key, String text) {
        Prompt prompt = Prompt.parse(text, aesthetics);
        cache.put(CacheKind.PROMPTS, key, prompt);
        return prompt;
    }

    /** What this visitor searched for, the newest last. */
    public List<String> session(String session) {
        return cache.get(CacheKind.SESSIONS, session, new TypeReference<List<String>>() {})
                .orElse(List.of());
    }

    private void remember(String session, String text) {
        List<String> searches = new ArrayList<>(session(session));
        searches.add(text);
        int from = Math.max(0, searches.size() - REMEMBERED);
        cache.put(CacheKind.SESSIONS, session, searches.subList(from, searches.size()));
    }

    private record Match(Product product, double cosine) {}
}
