package io.tidemill.examples.fashiondeck.refresh;

import static io.tidemill.client.Call.item;

import io.tidemill.client.TaskClient;
import io.tidemill.examples.fashiondeck.catalog.Catalog;
import io.tidemill.examples.fashiondeck.catalog.Product;
import io.tidemill.examples.fashiondeck.embeddings.EmbeddingTasks;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import java.io.IOException;
import java.util.List;

/** Products from marketplaces in the background. */
public final class RefreshTasks {

    /** The queue of these tasks. */
    public static final String QUEUE = "product-refresh";

    private final TaskClient queue;
    private final MarketplaceClient marketplaces;
    private final Catalog catalog;

    /** Asks these marketplaces, stores in the catalog, and requests vectors from this queue. */
    public RefreshTasks(TaskClient queue, MarketplaceClient marketplaces, Catalog catalog) {
        this.queue = queue;
        this.marketplaces = marketplaces;
        this.catalog = catalog;
    }

    /**
     * Fetches the products of a category, and requests the vectors of those that are new or say something else than
     * before. A marketplace that is down is asked three times, after 2 and after 4 seconds at most; what it refuses is
     * given up at once. It may run again: products are replaced, and a vector is requested once per job.
     */
    @Task(
            name = "refresh_products",
            queue = QUEUE,
            priority = 1,
            timeout = "2m",
            retry = @Retry(maxAttempts = 3, delay = "2s", multiplier = 2))
    public RefreshResult refreshProducts(RefreshRequest wanted) throws IOException, InterruptedException {
        List<Product> products = marketplaces.products(wanted);
        catalog.put(products);
        List<Product> changed = catalog.withoutVector(products);
        String job = TaskContext.current().jobId();
        queue.enqueueAll(changed.stream()
                .map(product -> item(EmbeddingTasks::computeEmbeddings, product).id(job + ":" + product.id()))
                .toList());
        return new RefreshResult(products.size(), changed.size());
    }
}
