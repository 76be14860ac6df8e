package io.tidemill.examples.fashiondeck.cache;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.tidemill.examples.fashiondeck.catalog.Product;
import io.tidemill.examples.fashiondeck.catalog.Vectors;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cache. It may forget anything at any time: what it does not have, or cannot give since its Redis is away, is a
 * miss, and what it cannot take is not cached. Thread-safe.
 */
public final class CacheService {

    private static final Logger LOG = LoggerFactory.getLogger(CacheService.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final StatefulRedisConnection<String, String> redis;
    private final CacheTtls ttls;
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();

    /** On this connection. */
    public CacheService(StatefulRedisConnection<String, String> redis, CacheTtls ttls) {
        this.redis = redis;
        this.ttls = ttls;
    }

    /** A connection for a cache: nobody waits long for what can be had without it. */
    public static StatefulRedisConnection<String, String> connect(RedisClient client, String uri) {
        StatefulRedisConnection<String, String> connection = client.connect(RedisURI.create(uri));
        connection.setTimeout(PATIENCE);
        return connection;
    }

    /** The key of a search, however long it is. */
    public static String generateHash(String query) {
        return Hashes.sha256(query);
    }

    /** Answers to a search. */
    public Optional<List<Product>> getCachedProducts(String key) {
        return get(CacheKind.PRODUCTS, key, new TypeReference<List<Product>>() {});
    }

    /** Keeps answers to a search. */
    public void cacheProducts(String key, List<Product> products) {
        put(CacheKind.PRODUCTS, key, products);
    }

    /** The vector of a product. */
    public Optional<float[]> getCachedEmbedding(String productId) {
        return get(CacheKind.EMBEDDINGS, productId, new TypeReference<String>() {})
                .map(Vectors::parse);
    }

    /** Keeps the vector of a product. */
    public void cacheEmbedding(String productId, float[] vector) {
        put(CacheKind.EMBEDDINGS, productId, Vectors.text(vector));
    }

    /** Anything of a kind. What was written in another form is a miss. */
    public <T> Optional<T> get(CacheKind kind, String key, TypeReference<T> type) {
        Optional<T> found = read(kind, key, type);
        (found.isPresent() ? hits : misses).increment();
        return found;
    }

    private <T> Optional<T> read(CacheKind kind, String key, TypeReference<T> type) {
        try {
            String json = redis.sync().get(kind.prefix() + key);
            return json == null ? Optional.empty() : Optional.of(JSON.readValue(json, type));
        } catch (RedisException | JsonProcessingException e) {
            LOG.warn("{} could not be read from the cache: {}", kind, e.toString());
            return Optional.empty();
        }
    }

    /** Keeps anything of a kind, for its time from now on. */
    public void put(CacheKind kind, String key, Object value) {
        put(kind, key, value, ttls.of(kind));
    }

    /** Keeps it for another time; zero for no end. */
    public void put(CacheKind kind, String key, Object value, Duration ttl) {
        try {
            String json = JSON.writeValueAsString(value);
            redis.sync().set(kind.prefix() + key, json, ttl.isZero() ? new SetArgs() : SetArgs.Builder.px(ttl));
        } catch (RedisException | JsonProcessingException e) {
            LOG.warn("{} could not be cached: {}", kind, e.toString());
        }
    }

    /** How long Redis will keep it: empty if it has no end or is not there. */
    public Optional<Duration> ttl(CacheKind kind, String key) {
        long millis = redis.sync().pttl(kind.prefix() + key);
        return millis < 0 ? Optional.empty() : Optional.of(Duration.ofMillis(millis));
    }

    /** How often it was asked and had the answer. */
    public long hits() {
        return hits.sum();
    }

    /** How often it was asked and had no answer. */
    public long misses() {
        return misses.sum();
    }

    /** Hits of all questions, 0 to 1; 0 before the first question. */
    public double hitRate() {
        long asked = hits() + misses();
        return asked == 0 ? 0 : (double) hits() / asked;
    }
}
