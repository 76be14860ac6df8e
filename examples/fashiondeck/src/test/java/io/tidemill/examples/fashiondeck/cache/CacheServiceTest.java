package io.tidemill.examples.fashiondeck.cache;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.tidemill.examples.fashiondeck.TestRedis;
import io.tidemill.examples.fashiondeck.catalog.Product;
import io.tidemill.examples.fashiondeck.demo.SampleProducts;
import io.tidemill.test.redis.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CacheServiceTest {

    private static final TypeReference<String> TEXT = new TypeReference<>() {};

    private final StatefulRedisConnection<String, String> redis = TestRedis.empty();
    private final CacheService cache = new CacheService(redis, CacheTtls.usual());

    @Test
    void keepsEachKindForItsTime() {
        Map<CacheKind, Duration> documented = Map.of(
                CacheKind.PRODUCTS, Duration.ofHours(6),
                CacheKind.PROMPTS, Duration.ofHours(24),
                CacheKind.SESSIONS, Duration.ofDays(7));

        for (CacheKind kind : CacheKind.values()) {
            cache.put(kind, "key", "value");
        }

        documented.forEach((kind, ttl) -> assertThat(cache.ttl(kind, "key").orElseThrow())
                .as(kind.name())
                .isLessThanOrEqualTo(ttl)
                .isGreaterThan(ttl.minusMinutes(2)));
        // -1: the key is there and has no end
        assertThat(redis.sync().pttl("fashiondeck:cache:aesthetics:key")).isEqualTo(-1);
        assertThat(redis.sync().pttl("fashiondeck:cache:embeddings:key")).isEqualTo(-1);
    }

    @Test
    void aKindMayHaveAnotherTimeAndAnEntryToo() {
        CacheTtls ttls = CacheTtls.from(Map.of("CACHE_TTL_AESTHETICS", "3600", "CACHE_TTL_PROMPTS", "0"));
        CacheService custom = new CacheService(redis, ttls.with(CacheKind.PRODUCTS, Duration.ofMinutes(10)));

        custom.put(CacheKind.AESTHETICS, "key", "value");
        custom.put(CacheKind.PROMPTS, "key", "value");
        custom.put(CacheKind.PRODUCTS, "key", "value");
        custom.put(CacheKind.SESSIONS, "key", "value", Duration.ofHours(1));

        assertThat(custom.ttl(CacheKind.AESTHETICS, "key").orElseThrow()).isBetween(minutes(58), minutes(60));
        assertThat(custom.ttl(CacheKind.PROMPTS, "key")).isEmpty();
        assertThat(custom.ttl(CacheKind.PRODUCTS, "key").orElseThrow()).isBetween(minutes(8), minutes(10));
        assertThat(custom.ttl(CacheKind.SESSIONS, "key").orElseThrow()).isBetween(minutes(58), minutes(60));
    }

    @Test
    void givesBackProductsAndVectorsAsTheyWere() {
        List<Product> products = SampleProducts.of("asos", "bags");
        cache.cacheProducts(CacheService.generateHash("bags"), products);
        cache.cacheEmbedding("p-1", new float[] {0.5f, -1e-7f});

        assertThat(cache.getCachedProducts(CacheService.generateHash("bags"))).contains(products);
        assertThat(cache.getCachedEmbedding("p-1").orElseThrow()).containsExactly(0.5f, -1e-7f);
    }

    @Test
    void keysAreHashes() {
        assertThat(CacheService.generateHash("red dress"))
                .matches("[0-9a-f]{64}")
                .isEqualTo(CacheService.generateHash("red dress"))
                .isNotEqualTo(CacheService.generateHash("red dres"));
    }

    @Test
    void countsHitsAndMisses() {
        assertThat(cache.hitRate()).isZero();
        assertThat(cache.get(CacheKind.PROMPTS, "a", TEXT)).isEmpty();
        cache.put(CacheKind.PROMPTS, "a", "found");
        for (int i = 0; i < 3; i++) {
            assertThat(cache.get(CacheKind.PROMPTS, "a", TEXT)).contains("found");
        }

        assertThat(cache.hits()).isEqualTo(3);
        assertThat(cache.misses()).isEqualTo(1);
        assertThat(cache.hitRate()).isEqualTo(0.75);
    }

    @Test
    void whatHasAnotherFormIsAMiss() {
        redis.sync().set("fashiondeck:cache:products:old", "{\"version\":1}");

        assertThat(cache.getCachedProducts("old")).isEmpty();
        assertThat(cache.misses()).isEqualTo(1);
    }

    @Test
    void aCacheWhoseRedisIsAwayIsAMissAndNoError() {
        RedisClient client = RedisClient.create();
        try (RedisServer server = RedisServer.start()) {
            CacheService away = new CacheService(CacheService.connect(client, server.uri()), CacheTtls.usual());
            away.put(CacheKind.PROMPTS, "a", "value");
            assertThat(away.get(CacheKind.PROMPTS, "a", TEXT)).contains("value");

            server.kill9();

            assertThat(away.get(CacheKind.PROMPTS, "a", TEXT)).isEqualTo(Optional.empty());
            away.put(CacheKind.PROMPTS, "a", "value");
            assertThat(away.misses()).isEqualTo(1);
        } finally {
            client.shutdown();
        }
    }

    private static Duration minutes(int minutes) {
        return Duration.ofMinutes(minutes);
    }
}
