package io.tidemill.examples.fashiondeck;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.tidemill.examples.fashiondeck.analytics.AnalyticsTasks;
import io.tidemill.examples.fashiondeck.analytics.QueryLog;
import io.tidemill.examples.fashiondeck.cache.CacheService;
import io.tidemill.examples.fashiondeck.catalog.Catalog;
import io.tidemill.examples.fashiondeck.embeddings.Embedder;
import io.tidemill.examples.fashiondeck.search.ProductSearch;
import java.time.Clock;

/** What the tasks and the web application read and write, on two connections that this closes. Thread-safe. */
public final class FashionDeckData implements AutoCloseable {

    private final RedisClient client = RedisClient.create();
    private final Catalog catalog;
    private final CacheService cache;
    private final Embedder embedder = new Embedder();
    private final AnalyticsTasks analytics;
    private final ProductSearch search;

    /** Connects. The clock says which day it is. */
    public FashionDeckData(Settings settings, Clock clock) {
        try {
            StatefulRedisConnection<String, String> redis = client.connect(RedisURI.create(settings.redis()));
            catalog = new Catalog(redis);
            cache = new CacheService(CacheService.connect(client, settings.cache()), settings.ttls());
            QueryLog log = new QueryLog(redis, clock);
            analytics = new AnalyticsTasks(redis, log);
            search = new ProductSearch(catalog, cache, embedder, log);
        } catch (RuntimeException e) {
            client.shutdown();
            throw e;
        }
    }

    /** Products and their vectors. */
    public Catalog catalog() {
        return catalog;
    }

    /** The cache. */
    public CacheService cache() {
        return cache;
    }

    /** Makes vectors. */
    public Embedder embedder() {
        return embedder;
    }

    /** What is known of past days. */
    public AnalyticsTasks analytics() {
        return analytics;
    }

    /** What visitors use. */
    public ProductSearch search() {
        return search;
    }

    @Override
    public void close() {
        client.shutdown();
    }
}
