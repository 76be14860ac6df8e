package io.tidemill.examples.fashiondeck.embeddings;

import io.tidemill.examples.fashiondeck.cache.CacheService;
import io.tidemill.examples.fashiondeck.catalog.Catalog;
import io.tidemill.examples.fashiondeck.catalog.Product;
import io.tidemill.task.Batch;
import io.tidemill.task.BatchSize;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/** Vectors in the background. */
public final class EmbeddingTasks {

    /** The queue of these tasks. */
    public static final String QUEUE = "embedding-computation";

    /** How many products are computed together. */
    public static final int BATCH = 32;

    private final Embedder embedder;
    private final Catalog catalog;
    private final CacheService cache;
    private final IntConsumer sizes;

    /**
     * Computes with this embedder, stores in the catalog and the cache.
     *
     * @param sizes is told of the size of each batch before it is computed
     */
    public EmbeddingTasks(Embedder embedder, Catalog catalog, CacheService cache, IntConsumer sizes) {
        this.embedder = embedder;
        this.catalog = catalog;
        this.cache = cache;
        this.sizes = sizes;
    }

    /**
     * Computes the vectors of up to 32 products together: one call of the embedder, one write to the catalog. Each
     * product is a job of its own. One without text fails alone. Search waits for vectors, so these jobs go before
     * those of the night.
     */
    @Task(
            name = "compute_embeddings",
            queue = QUEUE,
            priority = 5,
            timeout = "1m",
            retry = @Retry(maxAttempts = 2, delay = "1s"),
            batch = @BatchSize(max = BATCH, within = "500ms"))
    public void computeEmbeddings(Batch<Product> batch) {
        sizes.accept(batch.size());
        List<Product> products = withText(batch);
        List<float[]> vectors =
                embedder.embed(products.stream().map(Product::text).toList());
        Map<Product, float[]> byProduct = new LinkedHashMap<>();
        for (int i = 0; i < products.size(); i++) {
            byProduct.put(products.get(i), vectors.get(i));
        }
        catalog.putVectors(byProduct);
        byProduct.forEach((product, vector) -> cache.cacheEmbedding(product.id(), vector));
    }

    private static List<Product> withText(Batch<Product> batch) {
        List<Product> products = new ArrayList<>();
        for (Batch.Item<Product> item : batch) {
            Product product = item.value();
            if (Embedder.words(product.text()).isEmpty()) {
                item.fail(new NoTextException(product.id()));
            } else {
                products.add(product);
            }
        }
        return products;
    }
}
