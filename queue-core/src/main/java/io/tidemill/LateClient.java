package io.tidemill;

import io.tidemill.client.Awaited;
import io.tidemill.client.BulkCounts;
import io.tidemill.client.Call;
import io.tidemill.client.JobHandle;
import io.tidemill.client.JobRequest;
import io.tidemill.client.PreparedJob;
import io.tidemill.client.TaskRef;
import io.tidemill.queue.RescheduleReply;
import io.tidemill.workflow.Workflow;
import io.tidemill.workflow.WorkflowHandle;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What tasks are given that enqueue more jobs: the queue that runs them, which is made after them. Thread-safe. */
final class LateClient implements QueueClient {

    private volatile @Nullable QueueClient client;

    void become(QueueClient value) {
        client = value;
    }

    @Override
    public <R extends @Nullable Object> JobHandle<R> enqueue(JobRequest<R> request) {
        return client().enqueue(request);
    }

    @Override
    public <R extends @Nullable Object> CompletableFuture<JobHandle<R>> enqueueAsync(JobRequest<R> request) {
        return client().enqueueAsync(request);
    }

    @Override
    public <R extends @Nullable Object> List<JobHandle<R>> enqueueAll(
            Collection<? extends JobRequest<? extends R>> requests) {
        return client().enqueueAll(requests);
    }

    @Override
    public <R extends @Nullable Object> BulkCounts enqueueAll(
            Stream<? extends JobRequest<? extends R>> requests, Consumer<? super JobHandle<R>> each) {
        return client().enqueueAll(requests, each);
    }

    @Override
    public PreparedJob prepare(Call<?> call) {
        return client().prepare(call);
    }

    @Override
    public PreparedJob prepareLike(PreparedJob pattern, String id, @Nullable Object... arguments) {
        return client().prepareLike(pattern, id, arguments);
    }

    @Override
    public <R extends @Nullable Object> RescheduleReply reschedule(JobHandle<R> job, Call<? extends R> call) {
        return client().reschedule(job, call);
    }

    @Override
    public PreparedJob enqueueAfterCommit(Call<?> call) {
        return client().enqueueAfterCommit(call);
    }

    @Override
    public JobHandle<@Nullable Object> job(String queue, String id) {
        return client().job(queue, id);
    }

    @Override
    public <R extends @Nullable Object> JobHandle<R> job(TaskRef<R> task, String id) {
        return client().job(task, id);
    }

    @Override
    public <R extends @Nullable Object> JobHandle<R> job(TaskRef<R> task, String queue, String id) {
        return client().job(task, queue, id);
    }

    @Override
    public <R extends @Nullable Object> List<Awaited<R>> awaitAll(
            Collection<? extends JobHandle<? extends R>> jobs, Duration timeout) throws InterruptedException {
        return client().awaitAll(jobs, timeout);
    }

    @Override
    public <R extends @Nullable Object> WorkflowHandle<R> start(Workflow<R> workflow) {
        return client().start(workflow);
    }

    @Override
    public void addSteps(Workflow<?> steps) {
        client().addSteps(steps);
    }

    @Override
    public <R extends @Nullable Object> WorkflowHandle<R> workflow(Workflow<R> definition, String id) {
        return client().workflow(definition, id);
    }

    @Override
    public WorkflowHandle<@Nullable Object> workflow(String home, String id) {
        return client().workflow(home, id);
    }

    private QueueClient client() {
        QueueClient known = client;
        if (known == null) {
            throw new IllegalStateException(
                    "the TaskQueue has not been started yet; enqueue from inside a task method, not from a"
                            + " constructor");
        }
        return known;
    }
}
