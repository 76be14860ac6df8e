package io.tidemill;

import io.tidemill.client.BulkCounts;
import io.tidemill.client.Call;
import io.tidemill.client.JobHandle;
import io.tidemill.client.TaskClient;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What tasks are given that enqueue more jobs: the queue that runs them, which is made after them. Thread-safe. */
final class LateClient implements TaskClient {

    private volatile @Nullable TaskClient client;

    void become(TaskClient value) {
        client = value;
    }

    @Override
    public <R> JobHandle<R> enqueue(Call<R> call) {
        return client().enqueue(call);
    }

    @Override
    public <R> CompletableFuture<JobHandle<R>> enqueueAsync(Call<R> call) {
        return client().enqueueAsync(call);
    }

    @Override
    public List<JobHandle<?>> enqueueAll(Collection<? extends Call<?>> calls) {
        return client().enqueueAll(calls);
    }

    @Override
    public BulkCounts enqueueAll(Stream<? extends Call<?>> calls, Consumer<? super JobHandle<?>> each) {
        return client().enqueueAll(calls, each);
    }

    @Override
    public JobHandle<Object> job(String queue, String id) {
        return client().job(queue, id);
    }

    private TaskClient client() {
        TaskClient known = client;
        if (known == null) {
            throw new IllegalStateException(
                    "the TaskQueue has not been started yet; enqueue from inside a task method, not from a constructor");
        }
        return known;
    }
}
