package io.tidemill.send;

import io.tidemill.async.Answers;
import io.tidemill.async.PerQueue;
import io.tidemill.batch.BatchLimits;
import io.tidemill.batch.Coalescer;
import io.tidemill.broker.Broker;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.Reschedule;
import io.tidemill.client.Awaited;
import io.tidemill.client.BulkCounts;
import io.tidemill.client.Call;
import io.tidemill.client.ClientOptions;
import io.tidemill.client.DuplicateJobException;
import io.tidemill.client.JobHandle;
import io.tidemill.client.JobRequest;
import io.tidemill.client.PreparedJob;
import io.tidemill.client.SendInterceptor;
import io.tidemill.client.TaskClient;
import io.tidemill.client.TaskRef;
import io.tidemill.client.TransactionHook;
import io.tidemill.definition.TaskOverrides;
import io.tidemill.event.JobRef;
import io.tidemill.event.QueueEvent;
import io.tidemill.observe.Observers;
import io.tidemill.queue.Enqueued;
import io.tidemill.queue.RescheduleReply;
import io.tidemill.record.Payloads;
import io.tidemill.task.BrokerException;
import io.tidemill.task.TaskDefinition;
import io.tidemill.task.Unique;
import io.tidemill.text.Names;
import io.tidemill.text.PrintableText;
import io.tidemill.text.Texts;
import io.tidemill.time.Clock;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The sending half at work: writes calls, sends them through one {@link Coalescer} per queue, and hands out handles.
 *
 * <p>Thread-safe.
 */
public final class Sender implements TaskClient {

    private static final long MAX_WAITING_WEIGHT = 64L << 20;

    private final Broker broker;
    private final Observers observers;
    private final ClientOptions options;
    private final Executor executor;
    private final Clock clock;
    private final JobWriter writer;
    private final @Nullable TransactionHook transactions;
    private final Awaiter awaiter;
    private final PerQueue<Coalescer<NewJob, EnqueueReply>> coalescers =
            new PerQueue<>(this::coalescer, Coalescer::isIdle);

    /**
     * A sender.
     *
     * @param registered tasks that are known here, by name; may be empty
     * @param overrides what this process says otherwise than the declarations, by the task's name
     * @param interceptors see each call before it is written
     * @param transactions the application's transactions; null if none are known
     * @param executor where futures complete
     * @param awaiter where handles wait
     */
    public Sender(
            Broker broker,
            Map<String, TaskDefinition> registered,
            Map<String, TaskOverrides> overrides,
            List<SendInterceptor> interceptors,
            @Nullable TransactionHook transactions,
            Payloads payloads,
            ClientOptions options,
            Observers observers,
            Clock clock,
            Executor executor,
            Awaiter awaiter) {
        this.broker = broker;
        this.observers = observers;
        this.options = options;
        this.executor = executor;
        this.clock = clock;
        this.writer = new JobWriter(broker, registered, overrides, interceptors, payloads, options, clock);
        this.transactions = transactions;
        this.awaiter = awaiter;
    }

    /** What writes the calls of workflows. */
    public StepWriter steps() {
        return new StepWriter(writer);
    }

    @Override
    public <R extends @Nullable Object> JobHandle<R> enqueue(JobRequest<R> request) {
        return Answers.of(enqueueAsync(request), "to store a job");
    }

    @Override
    public <R extends @Nullable Object> CompletableFuture<JobHandle<R>> enqueueAsync(JobRequest<R> request) {
        PreparedJob prepared = writer.write(request);
        return offer(prepared)
                .handle((reply, failure) -> failure == null ? reply : notSent(prepared, failure))
                .thenApply(reply -> {
                    refuse(prepared, reply);
                    return handle(prepared, reply);
                });
    }

    @Override
    public <R extends @Nullable Object> List<JobHandle<R>> enqueueAll(
            Collection<? extends JobRequest<? extends R>> requests) {
        List<JobHandle<R>> handles = new ArrayList<>(requests.size());
        sendAll(requests.iterator(), (prepared, reply) -> handles.add(handle(prepared, reply)));
        return handles;
    }

    @Override
    public <R extends @Nullable Object> BulkCounts enqueueAll(
            Stream<? extends JobRequest<? extends R>> requests, Consumer<? super JobHandle<R>> each) {
        long[] counts = new long[2];
        sendAll(requests.iterator(), (prepared, reply) -> {
            counts[reply.enqueued() == Enqueued.NEW ? 0 : 1]++;
            each.accept(handle(prepared, reply));
        });
        return BulkCounts.of(counts[0], counts[1]);
    }

    private void sendAll(Iterator<? extends JobRequest<?>> requests, BiConsumer<PreparedJob, EnqueueReply> each) {
        BulkInterceptors interceptors = writer.beginBulk();
        Throwable thrown = null;
        try {
            new Bulk(this::store, broker::cost, request -> writer.write(request, interceptors), each).send(requests);
        } catch (Throwable t) {
            thrown = t;
            throw t;
        } finally {
            interceptors.ended(thrown);
        }
    }

    @Override
    public PreparedJob prepare(Call<?> call) {
        return writer.prepare(call);
    }

    @Override
    public PreparedJob prepareLike(PreparedJob pattern, String id, @Nullable Object... arguments) {
        return writer.copy(pattern, id, arguments);
    }

    @Override
    public <R extends @Nullable Object> RescheduleReply reschedule(JobHandle<R> job, Call<? extends R> call) {
        NewJob changed = writer.rewrite(job.queue(), job.id(), call).job();
        return Answers.of(
                broker.operations()
                        .reschedule(
                                job.queue(),
                                new Reschedule(job.id(), changed.delayMillis(), changed.dueMillis(), changed.body())),
                "to reschedule " + job);
    }

    @Override
    public PreparedJob enqueueAfterCommit(Call<?> call) {
        if (transactions == null) {
            throw new IllegalStateException(
                    "this TaskQueue knows no transactions; add transactions(...) where it is built, or use enqueue");
        }
        PreparedJob prepared = prepare(call);
        if (transactions.active()) {
            transactions.afterCommit(() -> enqueue(prepared));
        } else {
            enqueue(prepared);
        }
        return prepared;
    }

    @Override
    public JobHandle<@Nullable Object> job(String queue, String id) {
        return job(queue, id, Object.class);
    }

    @Override
    public <R extends @Nullable Object> JobHandle<R> job(TaskRef<R> task, String id) {
        return job(task, writer.queueOf(task), id);
    }

    @Override
    public <R extends @Nullable Object> JobHandle<R> job(TaskRef<R> task, String queue, String id) {
        return job(queue, id, task.definition().resultType());
    }

    @Override
    public <R extends @Nullable Object> List<Awaited<R>> awaitAll(
            Collection<? extends JobHandle<? extends R>> jobs, Duration timeout) throws InterruptedException {
        return new AwaitAll<R>(awaiter, List.copyOf(jobs), timeout).outcomes();
    }

    /** A job of this queue, whose result is read as this type. */
    public <R extends @Nullable Object> JobHandle<R> job(String queue, String id, Type resultType) {
        return new BrokerJobHandle<>(
                awaiter,
                Names.check("queue name", queue),
                PrintableText.check("job id", id),
                resultType,
                null,
                Enqueued.EXISTING);
    }

    private EnqueueReply notSent(PreparedJob prepared, Throwable failure) {
        if (Answers.unwrapped(failure) instanceof TimeoutException) {
            throw new BrokerException(
                    BrokerException.Outcome.REFUSED,
                    "task \"" + prepared.task() + "\" was not enqueued: it waited for "
                            + Texts.duration(options.bufferTimeout())
                            + " (bufferTimeout) to be sent, while the broker did not answer for queue "
                            + prepared.queue()
                            + "; it is not sent any more",
                    failure);
        }
        throw Answers.unwrap(failure);
    }

    private <R extends @Nullable Object> JobHandle<R> handle(PreparedJob prepared, EnqueueReply reply) {
        String id = reply.jobId(prepared.job().id());
        switch (reply.enqueued()) {
            case NEW -> stored(prepared, reply.replaced());
            case EXISTING, RESCHEDULED, UPDATED, OUTDATED ->
                observers.publish(new QueueEvent.Duplicate(ref(prepared), id));
            // It is no duplicate of a job: the schedule has fired for this time, or has changed.
            case SUPERSEDED -> {}
        }
        Type type = prepared.resultType();
        boolean keepsResult = type != null && type != void.class && type != Void.class;
        return new BrokerJobHandle<>(
                awaiter,
                prepared.queue(),
                id,
                type == null ? Object.class : type,
                keepsResult ? null : reply.receipt(),
                reply.enqueued());
    }

    private void stored(PreparedJob prepared, @Nullable String replaced) {
        if (replaced != null) {
            observers.publish(new QueueEvent.Cancelled(
                    JobRef.of(prepared.queue(), replaced, "?"),
                    null,
                    "replaced by job " + prepared.job().id()));
        }
        observers.publish(new QueueEvent.Enqueued(ref(prepared)));
    }

    /** A job that is there under its own id is the same job, stored before: no reason to refuse it. */
    private void refuse(PreparedJob prepared, EnqueueReply reply) {
        Unique unique = prepared.job().constraints().unique();
        String holder = reply.jobId(prepared.job().id());
        if (unique != null
                && unique.conflict() == Unique.Conflict.REFUSE
                && reply.enqueued() == Enqueued.EXISTING
                && !holder.equals(prepared.job().id())) {
            observers.publish(new QueueEvent.Duplicate(ref(prepared), holder));
            throw new DuplicateJobException(prepared.queue(), prepared.task(), unique.key(), holder);
        }
    }

    private static JobRef ref(PreparedJob prepared) {
        return JobRef.of(prepared.queue(), prepared.job().id(), prepared.task());
    }

    private CompletableFuture<EnqueueReply> offer(PreparedJob prepared) {
        try {
            CompletableFuture<EnqueueReply> reply = coalescers
                    .of(prepared.queue())
                    .offer(prepared.job(), options.bufferTimeout().toNanos());
            if (reply == null) {
                throw new BrokerException(
                        BrokerException.Outcome.REFUSED,
                        "task \"" + prepared.task() + "\" was not enqueued: as many jobs wait for queue "
                                + prepared.queue() + " as may (" + options.maxUnanswered() + " maxUnanswered, or "
                                + (MAX_WAITING_WEIGHT >> 20) + " MiB) and none went out within "
                                + Texts.duration(options.bufferTimeout())
                                + " (bufferTimeout); is the broker up?",
                        null);
            }
            return reply;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerException(
                    BrokerException.Outcome.REFUSED,
                    "task \"" + prepared.task() + "\" was not enqueued: its thread is interrupted",
                    e);
        }
    }

    private CompletableFuture<List<EnqueueReply>> store(String queue, List<NewJob> jobs) {
        return observers.ask("enqueue", queue, jobs.size(), () -> broker.enqueue(queue, jobs));
    }

    private Coalescer<NewJob, EnqueueReply> coalescer(String queue) {
        BatchLimits limits = new BatchLimits(
                Broker.MAX_BATCH,
                Broker.MAX_COST,
                options.maxUnanswered(),
                MAX_WAITING_WEIGHT,
                options.bufferTimeout().toNanos());
        return new Coalescer<>(limits, broker::cost, clock::nanos, executor, batch -> store(queue, batch));
    }
}
