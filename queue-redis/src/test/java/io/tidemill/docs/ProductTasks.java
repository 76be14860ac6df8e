package io.tidemill.docs;

import io.tidemill.task.Batch;
import io.tidemill.task.BatchSize;
import io.tidemill.task.Task;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The batch tasks of the guide. */
public class ProductTasks {

    /** A product whose text is to be made searchable. */
    public record Product(String id, String text) {}

    /** What an indexing service answers. */
    private static final class Index {

        /** The products that it refuses, each with the reason. */
        Map<String, String> add(List<Product> products) {
            Map<String, String> refused = new HashMap<>();
            for (Product product : products) {
                if (product.text().isBlank()) {
                    refused.put(product.id(), "no text");
                }
            }
            return refused;
        }
    }

    private final Index index = new Index();

    // region: batch-task
    @Task(queue = "products", batch = @BatchSize(max = 32, within = "2s"))
    public void index(Batch<Product> batch) {
        Map<String, String> refused = index.add(batch.values()); // one request for up to 32 products
        for (Batch.Item<Product> item : batch) {
            String reason = refused.get(item.value().id());
            if (reason != null) {
                item.fail(new IOException(reason)); // tried again, in a later batch
            }
        } // the others have succeeded
    }
    // endregion

    // region: batch-results
    @Task(queue = "products", batch = @BatchSize(max = 32))
    public void weigh(Batch.WithResults<Product, Integer> batch) {
        batch.each(product -> product.text().length()); // one after the other: each item ends alone
    }
    // endregion
}
