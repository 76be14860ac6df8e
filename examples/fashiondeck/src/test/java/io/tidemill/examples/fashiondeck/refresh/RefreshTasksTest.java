package io.tidemill.examples.fashiondeck.refresh;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.api.StatefulRedisConnection;
import io.tidemill.client.TaskRef;
import io.tidemill.examples.fashiondeck.TestRedis;
import io.tidemill.examples.fashiondeck.cache.CacheService;
import io.tidemill.examples.fashiondeck.cache.CacheTtls;
import io.tidemill.examples.fashiondeck.catalog.Catalog;
import io.tidemill.examples.fashiondeck.catalog.Product;
import io.tidemill.examples.fashiondeck.demo.MarketplaceServer;
import io.tidemill.examples.fashiondeck.demo.SampleProducts;
import io.tidemill.examples.fashiondeck.embeddings.Embedder;
import io.tidemill.examples.fashiondeck.embeddings.EmbeddingTasks;
import io.tidemill.task.JobState;
import io.tidemill.test.EnqueuedJob;
import io.tidemill.test.TestQueue;
import io.tidemill.test.TestRun;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RefreshTasksTest {

    private static final RefreshRequest DRESSES = new RefreshRequest("asos", "dresses", 10);

    private final StatefulRedisConnection<String, String> redis = TestRedis.empty();
    private final Catalog catalog = new Catalog(redis);
    private MarketplaceServer asos;

    @BeforeEach
    void open() throws IOException {
        asos = MarketplaceServer.start("asos");
    }

    @AfterEach
    void close() {
        asos.close();
    }

    @Test
    void storesTheProductsAndRequestsTheirVectors() {
        List<Product> sold = SampleProducts.of("asos", "dresses").subList(0, 10);
        try (TestQueue queue = queue()) {
            TestRun<RefreshResult> run = queue.run(call(RefreshTasks::refreshProducts, DRESSES));

            assertThat(run.result()).isEqualTo(new RefreshResult(10, 10));
            assertThat(catalog.products()).containsExactlyInAnyOrderElementsOf(sold);
            assertThat(queue.enqueued(TaskRef.batch(EmbeddingTasks::computeEmbeddings)))
                    .extracting(EnqueuedJob::id)
                    .containsExactlyElementsOf(sold.stream()
                            .map(product -> run.job().id() + ":" + product.id())
                            .toList());
            queue.runUntilIdle();
            assertThat(catalog.withoutVector(sold)).isEmpty();
        }
    }

    @Test
    void requestsNoVectorAgainForAProductThatSaysTheSame() {
        try (TestQueue queue = queue()) {
            queue.run(call(RefreshTasks::refreshProducts, DRESSES));
            queue.runUntilIdle();
            TestRun<RefreshResult> again =
                    queue.run(call(RefreshTasks::refreshProducts, new RefreshRequest("asos", "dresses", 12)));

            assertThat(again.result()).isEqualTo(new RefreshResult(12, 2));
        }
    }

    @Test
    void aMarketplaceThatIsDownTwiceIsAskedThreeTimesWithLongerWaits() {
        asos.refuse("dresses", 2);
        try (TestQueue queue = queue()) {
            TestRun<RefreshResult> run = queue.run(call(RefreshTasks::refreshProducts, DRESSES));

            assertThat(run.isSuccess()).isTrue();
            assertThat(run.attempts()).hasSize(3);
            assertThat(run.waits()).hasSize(2);
            assertThat(run.waits().get(0)).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(2));
            assertThat(run.waits().get(1)).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(4));
            assertThat(asos.requests("dresses")).isEqualTo(3);
        }
    }

    @Test
    void isDeadAfterThreeAttempts() {
        asos.refuse("dresses", 9);
        try (TestQueue queue = queue()) {
            TestRun<RefreshResult> run = queue.run(call(RefreshTasks::refreshProducts, DRESSES));

            assertThat(run.state()).isEqualTo(JobState.DEAD);
            assertThat(run.failure().message()).contains("asos answered 503 down for maintenance");
            assertThat(asos.requests("dresses")).isEqualTo(3);
        }
    }

    @Test
    void givesUpAtOnceOnWhatTheMarketplaceRefuses() {
        try (TestQueue queue = queue()) {
            TestRun<RefreshResult> run =
                    queue.run(call(RefreshTasks::refreshProducts, new RefreshRequest("asos", "hats", 10)));

            assertThat(run.state()).isEqualTo(JobState.DEAD);
            assertThat(run.attempts()).hasSize(1);
            assertThat(run.failure().message()).contains("asos answered 404 no such category: hats");
        }
    }

    @Test
    void refusesALimitThatIsNone() {
        assertThatThrownBy(() -> new RefreshRequest("asos", "dresses", 0)).hasMessage("limit must be 1 to 1000, got 0");
        assertThatThrownBy(() -> new RefreshRequest("asos", "dresses", 1_001))
                .hasMessage("limit must be 1 to 1000, got 1001");
    }

    private TestQueue queue() {
        MarketplaceClient marketplaces = new MarketplaceClient(Map.of("asos", asos.url()));
        CacheService cache = new CacheService(redis, CacheTtls.usual());
        return TestQueue.builder()
                .tasks(queue -> new RefreshTasks(queue, marketplaces, catalog))
                .tasks(new EmbeddingTasks(new Embedder(), catalog, cache, size -> {}))
                .start();
    }
}
