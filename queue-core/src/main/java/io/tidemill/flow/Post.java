package io.tidemill.flow;

import io.tidemill.async.Answers;
import io.tidemill.async.Safely;
import io.tidemill.broker.Ability;
import io.tidemill.broker.Broker;
import io.tidemill.broker.Fill;
import io.tidemill.broker.OutboxMessage;
import io.tidemill.broker.WorkflowMember;
import io.tidemill.broker.WorkflowStore;
import io.tidemill.observe.Observers;
import io.tidemill.text.LogNames;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries what steps have left for other queues: values to places of steps that wait there, the end of a workflow to
 * its record, and to {@link StepFailures} that a step has ended without success.
 *
 * <p>All of it may be done twice, by several processes at once: a place keeps its first value, a workflow its first
 * end, and its record is written by revision. What cannot be carried now stays in its queue, and the next sweep finds
 * it.
 *
 * <p>Thread-safe. Never blocks.
 */
public final class Post {

    private static final Logger log = LoggerFactory.getLogger(LogNames.QUEUE);

    private static final int AT_ONCE = 500;

    /** Behind so many bytes a page may have been cut off, as the next message was too large for it. */
    private static final int LARGE_PAGE = 16 << 10;

    private final Broker broker;
    private final StepFailures failures;
    private final Observers observers;
    private final Executor executor;
    /** Queues whose messages are being carried, and whether somebody asked for it again meanwhile. */
    private final Map<String, Boolean> busy = new ConcurrentHashMap<>();

    /**
     * A post that carries nothing yet.
     *
     * @param executor where messages are read
     */
    public Post(Broker broker, StepFailures failures, Observers observers, Executor executor) {
        this.broker = broker;
        this.failures = failures;
        this.observers = observers;
        this.executor = executor;
    }

    /** There may be messages in this queue: carries them, unless that is being done. */
    public void look(String queue) {
        if (broker.abilities().contains(Ability.WORKFLOWS) && !busy.compute(queue, (name, again) -> again != null)) {
            carry(queue);
        }
    }

    private void carry(String queue) {
        Safely.ask(() -> observers
                        .ask("outbox", queue, List::size, () -> store().outbox(queue, AT_ONCE))
                        .thenComposeAsync(messages -> deliver(queue, messages), executor))
                .whenComplete((hasMore, failure) -> {
                    try {
                        if (failure != null) {
                            log.warn(
                                    "queue {}: messages of workflows are not carried now, the next sweep tries it"
                                            + " again: {}",
                                    queue,
                                    Answers.message(failure));
                        }
                    } finally {
                        goOn(queue, failure == null && hasMore);
                    }
                });
    }

    private void goOn(String queue, boolean hasMore) {
        Boolean again = busy.computeIfPresent(queue, (name, asked) -> (asked || hasMore) ? false : null);
        if (again != null) {
            carry(queue);
        }
    }

    private WorkflowStore store() {
        return broker.workflows();
    }

    /** Carries these messages. The answer is whether there may be more. */
    private CompletableFuture<Boolean> deliver(String queue, List<OutboxMessage> messages) {
        if (messages.isEmpty()) {
            return CompletableFuture.completedFuture(false);
        }
        Queue<Long> carried = new ConcurrentLinkedQueue<>();
        Map<String, List<OutboxMessage.Filling>> fills = new LinkedHashMap<>();
        Map<List<String>, List<OutboxMessage.Ended>> ends = new LinkedHashMap<>();
        List<CompletableFuture<Void>> underWay = new ArrayList<>();
        for (OutboxMessage message : messages) {
            message.<Boolean>match(
                    filling -> fills.computeIfAbsent(filling.fill().queue(), name -> new ArrayList<>())
                            .add(filling),
                    ended -> ends.computeIfAbsent(workflow(ended.member()), name -> new ArrayList<>())
                            .add(ended),
                    ending -> underWay.add(end(ending, carried)));
        }
        ends.values().forEach(some -> underWay.add(ended(queue, some, carried)));
        fills.forEach((target, some) -> underWay.add(fill(target, some, carried)));
        return CompletableFuture.allOf(underWay.toArray(CompletableFuture[]::new))
                .thenCompose(nothing -> forget(queue, List.copyOf(carried)))
                .thenApply(nothing -> isCutOff(messages) && !carried.isEmpty());
    }

    /** Whether there may be more behind this page. */
    private static boolean isCutOff(List<OutboxMessage> page) {
        int bytes = 0;
        for (OutboxMessage message : page) {
            bytes += message.<Integer>match(
                    filling -> filling.fill().bytes(),
                    ended -> 0,
                    ending -> ending.end().outcome().length);
        }
        return page.size() == AT_ONCE || bytes >= LARGE_PAGE;
    }

    private static List<String> workflow(WorkflowMember member) {
        return List.of(member.home(), member.workflow());
    }

    private CompletableFuture<Void> end(OutboxMessage.Ending ending, Queue<Long> carried) {
        WorkflowMember member = ending.member();
        return noted(
                Safely.ask(() -> store().end(member.home(), member.workflow(), ending.end())),
                List.of(ending.number()),
                carried,
                "the end of a workflow");
    }

    /** Steps of one workflow, one after the other: for each of them its record may be written, by its revision. */
    private CompletableFuture<Void> ended(String queue, List<OutboxMessage.Ended> some, Queue<Long> carried) {
        CompletableFuture<Void> last = CompletableFuture.completedFuture(null);
        for (OutboxMessage.Ended each : some) {
            last = last.thenCompose(nothing -> noted(
                    Safely.ask(() -> failures.ended(queue, each)),
                    List.of(each.number()),
                    carried,
                    "the end of a step"));
        }
        return last;
    }

    /** If the broker refuses them, one may be damaged: each half is sent alone, down to that one. */
    private CompletableFuture<Void> fill(String target, List<OutboxMessage.Filling> some, Queue<Long> carried) {
        CompletableFuture<?> filled =
                Safely.ask(() -> observers.ask("fill", target, some.size(), () -> store().fill(target, values(some))));
        return filled.handle((replies, failure) -> failure)
                .thenCompose(failure -> some.size() > 1 && Answers.isRefusal(failure)
                        ? fillHalves(target, some, carried)
                        : noted(
                                filled,
                                some.stream().map(OutboxMessage.Filling::number).toList(),
                                carried,
                                "values for queue " + target));
    }

    private CompletableFuture<Void> fillHalves(String target, List<OutboxMessage.Filling> some, Queue<Long> carried) {
        int half = some.size() / 2;
        return fill(target, some.subList(0, half), carried)
                .thenCompose(nothing -> fill(target, some.subList(half, some.size()), carried));
    }

    private static List<Fill> values(List<OutboxMessage.Filling> some) {
        return some.stream().map(OutboxMessage.Filling::fill).toList();
    }

    /** One message that cannot be carried keeps no other from it. */
    private static CompletableFuture<Void> noted(
            CompletableFuture<?> request, List<Long> numbers, Queue<Long> carried, String what) {
        return request.handle((answer, failure) -> {
            if (failure == null) {
                carried.addAll(numbers);
            } else {
                log.warn("{} cannot be carried now, the next sweep tries it again: {}", what, Answers.message(failure));
            }
            return null;
        });
    }

    private CompletableFuture<Void> forget(String queue, List<Long> carried) {
        return carried.isEmpty()
                ? CompletableFuture.completedFuture(null)
                : observers.ask("delivered", queue, carried.size(), () -> store().delivered(queue, carried));
    }
}
