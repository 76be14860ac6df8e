package io.tidemill.examples.fashiondeck.embeddings;

import static io.tidemill.client.Call.item;
import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.api.StatefulRedisConnection;
import io.tidemill.client.JobHandle;
import io.tidemill.examples.fashiondeck.TestRedis;
import io.tidemill.examples.fashiondeck.cache.CacheService;
import io.tidemill.examples.fashiondeck.cache.CacheTtls;
import io.tidemill.examples.fashiondeck.catalog.Catalog;
import io.tidemill.examples.fashiondeck.catalog.Product;
import io.tidemill.examples.fashiondeck.demo.SampleProducts;
import io.tidemill.task.JobState;
import io.tidemill.task.Retention;
import io.tidemill.test.TestQueue;
import io.tidemill.test.TestRun;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class EmbeddingTasksTest {

    private static final Product BLANK = new Product("blank", "asos", "", " ", "", 0);

    private final StatefulRedisConnection<String, String> redis = TestRedis.empty();
    private final Catalog catalog = new Catalog(redis);
    private final CacheService cache = new CacheService(redis, CacheTtls.usual());
    private final Embedder embedder = new Embedder();
    private final List<Integer> batches = new ArrayList<>();

    @Test
    void computes32ProductsAsOneBatch() {
        List<Product> products = Stream.of("dresses", "bags", "shoes", "jackets")
                .flatMap(category -> SampleProducts.of("asos", category).stream())
                .limit(70)
                .toList();
        try (TestQueue queue = queue()) {
            queue.enqueueAll(products.stream()
                    .map(product -> item(EmbeddingTasks::computeEmbeddings, product))
                    .toList());
            queue.runUntilIdle();
        }

        assertThat(batches).containsExactly(32, 32, 6);
        assertThat(catalog.withoutVector(products)).isEmpty();
        assertThat(catalog.vectors()).hasSize(70);
        for (Product product : products) {
            float[] expected = embedder.embed(List.of(product.text())).get(0);
            assertThat(catalog.vectors().get(product.id())).as(product.id()).isEqualTo(expected);
            assertThat(cache.getCachedEmbedding(product.id()).orElseThrow()).isEqualTo(expected);
        }
    }

    @Test
    void aProductWithoutTextFailsTwiceAndAlone() {
        Product dress = SampleProducts.of("asos", "dresses").get(0);
        try (TestQueue queue = queue()) {
            JobHandle<?> good = queue.enqueue(item(EmbeddingTasks::computeEmbeddings, dress));
            TestRun<?> bad = queue.run(item(EmbeddingTasks::computeEmbeddings, BLANK));

            assertThat(good.state()).contains(JobState.SUCCEEDED);
            assertThat(bad.state()).isEqualTo(JobState.DEAD);
            assertThat(bad.attempts()).hasSize(2);
            assertThat(bad.waits())
                    .singleElement()
                    .satisfies(wait -> assertThat(wait).isBetween(Duration.ofMillis(500), Duration.ofSeconds(1)));
            assertThat(bad.failure().message()).contains("product blank has neither title nor color nor category");
        }
        assertThat(batches).containsExactly(2, 1);
        assertThat(catalog.vectors()).containsOnlyKeys(dress.id());
    }

    private TestQueue queue() {
        return TestQueue.builder()
                .tasks(new EmbeddingTasks(embedder, catalog, cache, batches::add))
                .configure(it -> it.keep(EmbeddingTasks.QUEUE, Retention.DEFAULT))
                .start();
    }
}
