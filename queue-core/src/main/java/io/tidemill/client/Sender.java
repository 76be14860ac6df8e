package io.tidemill.client;

import io.tidemill.async.Answers;
import io.tidemill.async.PerQueue;
import io.tidemill.batch.Coalescer;
import io.tidemill.broker.Broker;
import io.tidemill.task.BrokerException;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.NewJob;
import io.tidemill.observe.Observers;
import io.tidemill.event.QueueEvent;
import io.tidemill.message.PayloadCodec;
import io.tidemill.text.Names;
import io.tidemill.definition.TaskOverrides;
import io.tidemill.task.TaskDefinition;
import io.tidemill.text.Texts;
import io.tidemill.task.Unique;
import io.tidemill.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
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
    private final Awaiter awaiter;
    private final PerQueue<Coalescer<NewJob, EnqueueReply>> coalescers =
            new PerQueue<>(this::coalescer, Coalescer::isIdle);

    /**
     * A sender.
     *
     * @param registered tasks that are known here, by name; may be empty
     * @param overrides what this process says otherwise than the declarations, by the task's name
     * @param executor where futures complete
     * @param awaiter where handles wait
     */
    public Sender(
            Broker broker,
            Map<String, TaskDefinition> registered,
            Map<String, TaskOverrides> overrides,
            PayloadCodec codec,
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
        this.writer = new JobWriter(registered, overrides, codec, options, clock);
        this.awaiter = awaiter;
    }

    @Override
    public <R> JobHandle<R> enqueue(Call<R> call) {
        return Answers.of(enqueueAsync(call), "to store a job");
    }

    @Override
    public <R> CompletableFuture<JobHandle<R>> enqueueAsync(Call<R> call) {
        PreparedJob outgoing = writer.write(call);
        return offer(outgoing)
                .handle((reply, failure) -> failure == null ? reply : notSent(outgoing, failure))
                .thenApply(reply -> {
                    refuse(outgoing, reply);
                    return handle(outgoing, reply);
                });
    }

    @Override
    public List<JobHandle<?>> enqueueAll(Collection<? extends Call<?>> calls) {
        List<JobHandle<?>> handles = new ArrayList<>(calls.size());
        new Bulk(this::store, writer, (call, reply) -> handles.add(handle(call, reply))).send(calls.iterator());
        return handles;
    }

    @Override
    public BulkCounts enqueueAll(Stream<? extends Call<?>> calls, Consumer<? super JobHandle<?>> each) {
        long[] counts = new long[2];
        new Bulk(this::store, writer, (call, reply) -> {
                    counts[reply instanceof EnqueueReply.Accepted ? 0 : 1]++;
                    each.accept(handle(call, reply));
                })
                .send(calls.iterator());
        return new BulkCounts(counts[0], counts[1]);
    }

    @Override
    public JobHandle<Object> job(String queue, String id) {
        return new JobHandle<>(
                awaiter, Names.check("queue name", queue), Names.check("job id", id), Object.class, null, false);
    }

    private EnqueueReply notSent(PreparedJob outgoing, Throwable failure) {
        if (Answers.unwrapped(failure) instanceof TimeoutException) {
            throw new BrokerException(
                    BrokerException.Outcome.REFUSED,
                    "task \"" + outgoing.task() + "\" was not enqueued: it waited for "
                            + Texts.duration(options.bufferTimeout())
                            + " (bufferTimeout) to be sent, while the broker did not answer for queue "
                            + outgoing.queue()
                            + "; it is not sent any more",
                    failure);
        }
        throw Answers.unwrap(failure);
    }

    private <R> JobHandle<R> handle(PreparedJob outgoing, EnqueueReply reply) {
        String id = outgoing.job().id();
        if (reply instanceof EnqueueReply.Accepted accepted) {
            if (accepted.replaced() != null) {
                observers.publish(
                        new QueueEvent.Cancelled(outgoing.queue(), accepted.replaced(), "?", "replaced by job " + id));
            }
            observers.publish(new QueueEvent.Enqueued(outgoing.queue(), id, outgoing.task()));
            return handle(outgoing, id, accepted.receipt(), true);
        }
        String existing = existing(reply);
        observers.publish(new QueueEvent.Duplicate(outgoing.queue(), id, outgoing.task(), existing));
        return handle(outgoing, existing, null, false);
    }

    private <R> JobHandle<R> handle(PreparedJob outgoing, String id, @Nullable String receipt, boolean isNew) {
        return new JobHandle<>(
                awaiter, outgoing.queue(), id, outgoing.resultType(), outgoing.keepsResult() ? null : receipt, isNew);
    }

    /** A job that is there under its own id is the same job, stored before: no reason to refuse it. */
    private void refuse(PreparedJob outgoing, EnqueueReply reply) {
        Unique unique = outgoing.job().constraints().unique();
        if (unique != null
                && unique.conflict() == Unique.Conflict.REFUSE
                && reply instanceof EnqueueReply.Duplicate duplicate
                && !duplicate.existing().equals(outgoing.job().id())) {
            String holder = duplicate.existing();
            observers.publish(
                    new QueueEvent.Duplicate(outgoing.queue(), outgoing.job().id(), outgoing.task(), holder));
            throw new DuplicateJobException(outgoing.queue(), outgoing.task(), unique.key(), holder);
        }
    }

    private static String existing(EnqueueReply reply) {
        return reply instanceof EnqueueReply.Rescheduled rescheduled
                ? rescheduled.existing()
                : ((EnqueueReply.Duplicate) reply).existing();
    }

    private CompletableFuture<EnqueueReply> offer(PreparedJob outgoing) {
        try {
            CompletableFuture<EnqueueReply> reply = coalescers
                    .of(outgoing.queue())
                    .offer(outgoing.job(), options.bufferTimeout().toNanos());
            if (reply == null) {
                throw new BrokerException(
                        BrokerException.Outcome.REFUSED,
                        "task \"" + outgoing.task() + "\" was not enqueued: as many jobs wait for queue "
                                + outgoing.queue() + " as may (" + options.maxUnanswered() + " maxUnanswered, or "
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
                    "task \"" + outgoing.task() + "\" was not enqueued: interrupted while waiting for room",
                    e);
        }
    }

    private CompletableFuture<List<EnqueueReply>> store(String queue, List<NewJob> jobs) {
        return observers.ask("enqueue", queue, jobs.size(), () -> broker.enqueue(queue, jobs));
    }

    private Coalescer<NewJob, EnqueueReply> coalescer(String queue) {
        Coalescer.Limits limits = new Coalescer.Limits(
                Broker.MAX_BATCH,
                NewJob.MAX_WEIGHT,
                options.maxUnanswered(),
                MAX_WAITING_WEIGHT,
                options.bufferTimeout().toNanos());
        return new Coalescer<>(limits, NewJob::weight, clock::nanos, executor, batch -> store(queue, batch));
    }
}
