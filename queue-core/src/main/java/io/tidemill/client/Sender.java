package io.tidemill.client;

import io.tidemill.batch.Coalescer;
import io.tidemill.broker.Broker;
import io.tidemill.broker.BrokerException;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.NewJob;
import io.tidemill.event.Events;
import io.tidemill.event.QueueEvent;
import io.tidemill.message.PayloadCodec;
import io.tidemill.task.Names;
import io.tidemill.task.TaskDefinition;
import io.tidemill.time.Clock;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/**
 * The sending half at work: writes calls, sends them through one {@link Coalescer} per queue, and hands out handles.
 *
 * <p>Thread-safe.
 */
public final class Sender implements TaskClient {

    /** Keeps one call well under what a Redis script moves in a few milliseconds. */
    private static final long MAX_BATCH_BYTES = 1 << 20;

    private static final long MAX_WAITING_BYTES = 64L << 20;

    private final Broker broker;
    private final Events events;
    private final ClientOptions options;
    private final Executor executor;
    private final JobWriter writer;
    private final Awaiter awaiter;
    private final Map<String, Coalescer<NewJob, EnqueueReply>> coalescers = new ConcurrentHashMap<>();

    /**
     * A sender.
     *
     * @param registered tasks that are known here, by name; may be empty
     * @param executor where futures complete
     * @param awaiter where handles wait
     */
    public Sender(
            Broker broker,
            Map<String, TaskDefinition> registered,
            PayloadCodec codec,
            ClientOptions options,
            Events events,
            Clock clock,
            Executor executor,
            Awaiter awaiter) {
        this.broker = broker;
        this.events = events;
        this.options = options;
        this.executor = executor;
        this.writer = new JobWriter(registered, codec, options, clock);
        this.awaiter = awaiter;
    }

    @Override
    public <R> JobHandle<R> enqueue(Call<R> call) {
        return Answers.of(enqueueAsync(call), "to store a job");
    }

    @Override
    public <R> CompletableFuture<JobHandle<R>> enqueueAsync(Call<R> call) {
        Outgoing outgoing = writer.write(call);
        return offer(outgoing).thenApply(reply -> accepted(outgoing, reply));
    }

    @Override
    public JobHandle<Object> job(String queue, String id) {
        return new JobHandle<>(
                awaiter, Names.check("queue name", queue), Names.check("job id", id), Object.class, false);
    }

    private <R> JobHandle<R> accepted(Outgoing outgoing, EnqueueReply reply) {
        String id = outgoing.job().id();
        events.tell(
                switch (reply) {
                    case ACCEPTED -> new QueueEvent.Enqueued(outgoing.queue(), id, outgoing.task());
                    case DUPLICATE -> new QueueEvent.Duplicate(outgoing.queue(), id, outgoing.task());
                });
        return new JobHandle<>(awaiter, outgoing.queue(), id, outgoing.resultType(), !outgoing.keepsResult());
    }

    private CompletableFuture<EnqueueReply> offer(Outgoing outgoing) {
        try {
            CompletableFuture<EnqueueReply> reply = coalescers
                    .computeIfAbsent(outgoing.queue(), this::coalescer)
                    .offer(outgoing.job(), options.bufferTimeout().toNanos());
            if (reply == null) {
                throw new BrokerException(
                        BrokerException.Outcome.REFUSED,
                        "task \"" + outgoing.task() + "\" was not enqueued: " + options.maxUnanswered()
                                + " jobs (maxUnanswered) already wait for queue " + outgoing.queue()
                                + " and none went out within " + options.bufferTimeout()
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

    private Coalescer<NewJob, EnqueueReply> coalescer(String queue) {
        Coalescer.Limits limits =
                new Coalescer.Limits(Broker.MAX_BATCH, MAX_BATCH_BYTES, options.maxUnanswered(), MAX_WAITING_BYTES);
        return new Coalescer<>(limits, job -> job.body().length, executor, batch -> broker.enqueue(queue, batch));
    }
}
