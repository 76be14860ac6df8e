package io.tidemill.examples.fashiondeck.search;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import io.lettuce.core.api.StatefulRedisConnection;
import io.tidemill.examples.fashiondeck.TestRedis;
import io.tidemill.examples.fashiondeck.analytics.QueryLog;
import io.tidemill.examples.fashiondeck.cache.CacheKind;
import io.tidemill.examples.fashiondeck.cache.CacheService;
import io.tidemill.examples.fashiondeck.cache.CacheTtls;
import io.tidemill.examples.fashiondeck.catalog.Catalog;
import io.tidemill.examples.fashiondeck.catalog.Product;
import io.tidemill.examples.fashiondeck.embeddings.Embedder;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProductSearchTest {

    private static final Product DRESS = product("p-1", "dresses", "Floral linen midi dress", "white", 5_000);
    private static final Product PRAIRIE = product("p-2", "dresses", "Prairie cotton maxi dress", "blue", 9_000);
    private static final Product BOOTS = product("p-3", "shoes", "Leather ankle boots", "black", 8_000);
    private static final Product NEW = product("p-4", "shoes", "Leather ankle boots", "brown", 7_000);

    private final StatefulRedisConnection<String, String> redis = TestRedis.empty();
    private final Catalog catalog = new Catalog(redis);
    private final CacheService cache = new CacheService(redis, CacheTtls.usual());
    private final Embedder embedder = new Embedder();
    private final QueryLog log =
            new QueryLog(redis, Clock.fixed(Instant.parse("2026-05-04T06:00:00Z"), ZoneOffset.UTC));
    private final ProductSearch search = new ProductSearch(catalog, cache, embedder, log);

    @BeforeEach
    void fill() {
        catalog.put(List.of(DRESS, PRAIRIE, BOOTS, NEW));
        for (Product product : List.of(DRESS, PRAIRIE, BOOTS)) {
            catalog.putVectors(
                    Map.of(product, embedder.embed(List.of(product.text())).get(0)));
        }
    }

    @Test
    void findsTheNearestFirstAndNothingThatIsFar() {
        assertThat(search.search("v", "black ankle boots")).containsExactly(BOOTS);
        assertThat(search.search("v", "linen dress")).startsWith(DRESS).doesNotContain(BOOTS);
        assertThat(search.search("v", "umbrella")).isEmpty();
    }

    @Test
    void keepsToThePriceThatWasNamed() {
        assertThat(search.search("v", "dress")).contains(DRESS, PRAIRIE);
        assertThat(search.search("v", "dress under 60")).containsExactly(DRESS);
    }

    @Test
    void aStyleStandsForTheWordsThatSellersUse() {
        assertThat(search.search("v", "cottagecore")).containsExactly(DRESS);
        assertThat(search.search("v", "cottage")).isEmpty();
        assertThat(cache.get(CacheKind.AESTHETICS, "cottagecore", new TypeReference<List<String>>() {}))
                .contains(List.of("floral", "linen", "prairie"));
    }

    @Test
    void answersFromTheCacheUntilItForgets() {
        assertThat(search.search("v", "Ankle boots ")).containsExactly(BOOTS);
        catalog.putVectors(Map.of(NEW, embedder.embed(List.of(NEW.text())).get(0)));
        assertThat(search.search("v", "ankle boots")).as("from the cache").containsExactly(BOOTS);

        redis.sync().del("fashiondeck:cache:products:" + CacheService.generateHash("ankle boots"));

        assertThat(search.search("v", "ankle boots")).containsExactlyInAnyOrder(BOOTS, NEW);
    }

    @Test
    void remembersTheSearchesOfASession() {
        search.search("ada", "boots");
        search.search("ada", "dress");
        search.search("bob", "bag");

        assertThat(search.session("ada")).containsExactly("boots", "dress");
        assertThat(search.session("bob")).containsExactly("bag");
        assertThat(search.session("eve")).isEmpty();
    }

    @Test
    void writesEachSearchIntoTheLogOfItsDay() {
        search.search("v", "boots");
        search.search("v", "boots");

        assertThat(redis.sync().lrange("fashiondeck:queries:2026-05-04", 0, -1))
                .hasSize(2)
                .first()
                .asString()
                .contains("\"query\":\"boots\"", "\"cached\":false");
        assertThat(redis.sync().ttl("fashiondeck:queries:2026-05-04")).isPositive();
    }

    private static Product product(String id, String category, String title, String color, long cents) {
        return new Product(id, "asos", category, title, color, cents);
    }
}
