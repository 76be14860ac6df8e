package io.tidemill.broker.memory;

import io.tidemill.broker.Broker;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.Fill;
import io.tidemill.broker.FillReply;
import io.tidemill.broker.Followers;
import io.tidemill.broker.OutboxMessage;
import io.tidemill.broker.PlacePage;
import io.tidemill.broker.StepEnd;
import io.tidemill.broker.StoreReply;
import io.tidemill.broker.WorkflowEnd;
import io.tidemill.broker.WorkflowJob;
import io.tidemill.broker.WorkflowMember;
import io.tidemill.broker.WorkflowWrite;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What one queue does for workflows: the specification of {@link io.tidemill.broker.WorkflowStore}, and of what follows
 * a completion. Guarded by the lock of the queue.
 */
final class QueueWorkflows {

    private final String name;
    private final MemoryQueue queue;
    private final WorkflowRecords records;
    private final NavigableMap<Long, OutboxMessage> outbox = new TreeMap<>();
    private final ExpiringMap<String, Boolean> stopped = new ExpiringMap<>();
    private long messages;

    QueueWorkflows(String name, MemoryQueue queue) {
        this.name = name;
        this.queue = queue;
        records = new WorkflowRecords(queue);
    }

    WorkflowRecords records() {
        return records;
    }

    StoreReply store(@Nullable WorkflowWrite write, List<WorkflowJob> jobs) {
        WorkflowRecords.Written written = write == null ? WorkflowRecords.Written.NOW : records.write(write);
        List<EnqueueReply> replies = jobs.stream()
                .map(job -> switch (written) {
                    case NOW -> store(job);
                    case BEFORE -> new EnqueueReply.Duplicate(job.job().id());
                    case NOT -> new EnqueueReply.Superseded(job.job().id());
                })
                .toList();
        return new StoreReply(written != WorkflowRecords.Written.NOT, replies);
    }

    private EnqueueReply store(WorkflowJob job) {
        if (isStopped(job.member())) {
            return new EnqueueReply.Superseded(job.job().id());
        }
        return queue.intake.store(job);
    }

    List<FillReply> fill(List<Fill> fills) {
        return fills.stream().map(this::fill).toList();
    }

    private FillReply fill(Fill fill) {
        StoredJob job = queue.jobs.get(fill.job());
        Places places = job == null || !job.waitsForPlaces() ? null : job.places;
        if (job == null || places == null) {
            return FillReply.GONE;
        }
        FillReply reply = places.fill(fill);
        if (reply == FillReply.READY) {
            queue.filled(job);
        }
        return reply;
    }

    /** What follows a job that has just succeeded; the ids of those that end in the same call are known. */
    void follow(StoredJob job, @Nullable Followers followers, Set<String> ending) {
        WorkflowMember member = job.member;
        if (followers == null || member == null || isStopped(member)) {
            return;
        }
        followers.jobs().stream()
                .filter(next -> !ending.contains(next.job().id()))
                .forEach(queue.intake::store);
        for (Fill fill : followers.fills()) {
            if (fill.queue().equals(name)) {
                fill(fill);
            } else {
                send(number -> new OutboxMessage.Filling(number, fill));
            }
        }
        WorkflowEnd end = followers.end();
        if (end != null && member.home().equals(name)) {
            records.end(member.workflow(), end);
        } else if (end != null) {
            send(number -> new OutboxMessage.Ending(number, member, end));
        }
    }

    @Nullable
    Void end(String workflow, WorkflowEnd end) {
        records.end(workflow, end);
        return null;
    }

    /** A job ends without success. */
    void ended(StoredJob job, StepEnd end) {
        WorkflowMember member = job.member;
        if (member != null) {
            send(number -> new OutboxMessage.Ended(number, job.id, member, end));
        }
    }

    private void send(Function<Long, OutboxMessage> message) {
        messages++;
        outbox.put(messages, message.apply(messages));
    }

    Optional<PlacePage> places(String id, int from, int limit) {
        StoredJob job = queue.jobs.get(id);
        return Optional.ofNullable(job == null ? null : job.places).map(places -> places.page(from, limit));
    }

    List<OutboxMessage> outbox(int limit) {
        List<OutboxMessage> page = new ArrayList<>();
        long bytes = 0;
        for (OutboxMessage message : outbox.values()) {
            bytes += message.<Integer>match(
                    filling -> filling.fill().bytes(),
                    ended -> 0,
                    ending -> ending.end().outcome().length);
            if (page.size() == limit || (bytes > Broker.MAX_CLAIM_BYTES && !page.isEmpty())) {
                break;
            }
            page.add(message);
        }
        return List.copyOf(page);
    }

    @Nullable
    Void delivered(List<Long> numbers) {
        numbers.forEach(outbox::remove);
        return null;
    }

    @Nullable
    Void stop(String workflow, long keepMillis) {
        stopped.put(workflow, true, queue.now, keepMillis);
        return null;
    }

    private boolean isStopped(WorkflowMember member) {
        return stopped.find(member.workflow(), queue.now) != null;
    }

    boolean hasMessages() {
        return !outbox.isEmpty();
    }

    /** Whether there is nothing of any workflow. */
    boolean isBlank() {
        return outbox.isEmpty() && stopped.isEmpty(queue.now) && records.isEmpty();
    }

    /** Whether something would be lost if the queue went: messages, or records of workflows that have not ended. */
    boolean isNeeded() {
        return hasMessages() || records.hasRunning();
    }

    void clear() {
        records.clear();
        stopped.clear();
        outbox.clear();
        messages = 0;
    }
}
