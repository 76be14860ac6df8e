package io.tidemill.broker.partition;

import io.tidemill.broker.Ability;
import io.tidemill.broker.Broker;
import io.tidemill.broker.BrokerListener;
import io.tidemill.broker.Cancellation;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.CommandStore;
import io.tidemill.broker.CompleteReply;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.broker.CountHistory;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.Leases;
import io.tidemill.broker.LimitStore;
import io.tidemill.broker.Lists;
import io.tidemill.broker.LookUp;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.NoteStore;
import io.tidemill.broker.Operations;
import io.tidemill.broker.ProgressStore;
import io.tidemill.broker.ScheduleStore;
import io.tidemill.broker.Subscription;
import io.tidemill.broker.Sweeps;
import io.tidemill.event.Probe;
import io.tidemill.queue.CancelReply;
import io.tidemill.task.BrokerException;
import io.tidemill.task.BrokerException.Outcome;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Splits queues that are too busy for one core of one server: each is kept in several queues of the broker underneath,
 * which a cluster spreads over its nodes. Whoever enqueues, works or operates sees one queue.
 *
 * <pre>{@code
 * .broker(PartitionedBroker.of(RedisBroker.connect("redis://node1:6379"), Map.of("mail", 4)))
 * }</pre>
 *
 * <p>What is given up: jobs run in the order of their partition, so strict first in, first out and the order of
 * priorities hold within each and not across them; jobs of one group stay in order, since they share a partition, as do
 * those of one unique key. A limit of such a queue as a whole is refused, as no two partitions can count together;
 * limits of its groups hold. Schedules and the jobs that they store are kept in the first partition, so such a job is
 * refused if it has a unique key or a group, which may belong to another partition. One call of {@link #enqueue} is all
 * or none per partition. Jobs of which an idle worker hears nothing are found by its next poll.
 *
 * <p>Every process that uses the queue needs the same number. It may grow: restart the workers first, then the others.
 * Before it shrinks, the queue must be drained, and the broker may no longer know of the partitions that go; a process
 * that finds more of them than it was given refuses to start.
 *
 * <p>Thread-safe.
 */
public final class PartitionedBroker implements Broker {

    private final Broker broker;
    private final Partitions partitions;
    private final Turns turns = new Turns();
    private final PartitionedClaims claims;
    private final PartitionedCompletions completions;

    private PartitionedBroker(Broker broker, Partitions partitions) {
        this.broker = broker;
        this.partitions = partitions;
        claims = new PartitionedClaims(broker, turns);
        completions = new PartitionedCompletions(broker, claims);
    }

    /**
     * A broker that keeps some queues in partitions, and all others as they are.
     *
     * @param broker where they are kept; closed with this one
     * @param sizes number of partitions by queue, 1 to 64 each
     * @throws IllegalArgumentException if a number is out of range, or a queue has the name of a partition
     */
    public static PartitionedBroker of(Broker broker, Map<String, Integer> sizes) {
        return new PartitionedBroker(broker, new Partitions(sizes));
    }

    /** What the broker underneath can do, but no workflows: a job and what fills its places would lie apart. */
    @Override
    public Set<Ability> abilities() {
        Set<Ability> abilities = EnumSet.copyOf(broker.abilities());
        abilities.remove(Ability.WORKFLOWS);
        return abilities;
    }

    @Override
    public void measure(Probe probe) {
        broker.measure(probe);
    }

    @Override
    public void open() {
        broker.open();
        if (!abilities().contains(Ability.OPERATIONS)) {
            return;
        }
        Set<String> unknown =
                partitions.unknown(PartitionRequests.await(broker.operations().queues()));
        if (!unknown.isEmpty()) {
            throw new BrokerException(
                    Outcome.REFUSED,
                    "the broker knows more partitions than this process was given: " + String.join(", ", unknown)
                            + "; give every process the same numbers",
                    null);
        }
    }

    @Override
    public void check(String queue, NewJob job) {
        broker.check(queue, job);
        if (partitions.of(queue).size() > 1) {
            checkStep(queue, job);
        }
    }

    @Override
    public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
        List<String> parts = partitions.of(queue);
        if (parts.size() == 1) {
            return broker.enqueue(queue, jobs);
        }
        jobs.forEach(job -> checkStep(queue, job));
        if (jobs.stream().allMatch(Partitions::isFree)) {
            return broker.enqueue(parts.get(turns.next(parts.size())), jobs);
        }
        return PartitionRequests.spread(parts, jobs, job -> Partitions.partOf(job, parts.size()), broker::enqueue);
    }

    /** The partition that keeps the schedule cannot know who holds the key, and what of the group runs. */
    private static void checkStep(String queue, NewJob job) {
        JobConstraints asked = job.constraints();
        if (asked.step() != null && (asked.unique() != null || asked.group() != null)) {
            throw new BrokerException(
                    Outcome.REFUSED,
                    "job " + job.id() + " of schedule \"" + asked.step().after().name() + "\" asks for a "
                            + (asked.unique() != null ? "unique key" : "group") + ", and queue " + queue
                            + " is split in partitions; leave it out, or let the schedule store its jobs in a queue"
                            + " that is not split",
                    null);
        }
    }

    @Override
    public int cost(NewJob job) {
        return broker.cost(job);
    }

    @Override
    public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest request) {
        List<String> parts = partitions.of(queue);
        return parts.size() == 1 ? broker.claim(queue, request) : claims.claim(parts, request);
    }

    @Override
    public CompletableFuture<CompleteReply> complete(
            String queue, List<Completion.Succeeded> succeeded, @Nullable ClaimRequest next) {
        List<String> parts = partitions.of(queue);
        return parts.size() == 1
                ? broker.complete(queue, succeeded, next)
                : completions.complete(parts, succeeded, next);
    }

    @Override
    public CompletableFuture<List<CompletionReply>> fail(String queue, List<Completion.Failed> failed) {
        List<String> parts = partitions.of(queue);
        return parts.size() == 1 ? broker.fail(queue, failed) : completions.fail(parts, failed);
    }

    @Override
    public CompletableFuture<List<CompletionReply>> release(String queue, List<Completion.Release> releases) {
        List<String> parts = partitions.of(queue);
        return parts.size() == 1 ? broker.release(queue, releases) : completions.release(parts, releases);
    }

    @Override
    public Subscription listen(@Nullable String worker, Set<String> queues, BrokerListener listener) {
        Set<String> parts = new LinkedHashSet<>();
        queues.forEach(queue -> parts.addAll(partitions.of(queue)));
        return broker.listen(worker, parts, new WholeQueueListener(listener, partitions, claims));
    }

    @Override
    public Leases leases() {
        return new PartitionedLeases(broker, partitions);
    }

    @Override
    public Sweeps sweeps() {
        return new PartitionedSweeps(broker, partitions);
    }

    @Override
    public LookUp lookUp() {
        return (queue, id, notify, receipt) -> PartitionRequests.firstOf(
                partitions.of(queue),
                part -> broker.lookUp().find(part, id, notify, receipt),
                Optional::isPresent,
                Optional.empty());
    }

    @Override
    public Cancellation cancellation() {
        return (queue, id) -> PartitionRequests.firstOf(
                partitions.of(queue),
                part -> broker.cancellation().cancel(part, id),
                reply -> reply != CancelReply.NOT_FOUND,
                CancelReply.NOT_FOUND);
    }

    @Override
    public Lists lists() {
        return new PartitionedLists(broker, partitions);
    }

    @Override
    public LimitStore limits() {
        return new PartitionedLimits(broker, partitions);
    }

    @Override
    public Operations operations() {
        return new PartitionedOperations(broker, partitions);
    }

    @Override
    public ScheduleStore schedules() {
        // Those of a queue are in its first partition, which has its name.
        return broker.schedules();
    }

    @Override
    public CountHistory history() {
        // That of a queue is in its first partition, which has its name.
        return broker.history();
    }

    @Override
    public NoteStore notes() {
        NoteStore notes = broker.notes();
        return (queue, note) -> {
            List<String> parts = partitions.of(queue);
            return parts.size() == 1
                    ? notes.note(queue, note)
                    : notes.note(
                            parts.get(Partitions.partOf(note.token())), note.under(Partitions.token(note.token())));
        };
    }

    @Override
    public CommandStore commands() {
        return new PartitionedCommands(broker.commands(), partitions);
    }

    @Override
    public ProgressStore progress() {
        return new PartitionedProgress(broker.progress(), partitions);
    }

    @Override
    public void close() {
        broker.close();
    }
}
