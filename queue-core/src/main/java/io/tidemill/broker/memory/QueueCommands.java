package io.tidemill.broker.memory;

import io.tidemill.broker.CommandAnswer;
import io.tidemill.broker.CommandReply;
import io.tidemill.broker.CommandStore;
import io.tidemill.broker.WaitingCommand;
import io.tidemill.broker.WorkerCommand;
import io.tidemill.text.PrintableText;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What operators ask of the workers of one queue: the specification of {@link CommandStore}. Guarded by the lock of the
 * queue.
 */
final class QueueCommands {

    /** A command that waits. */
    private record Waiting(String id, long leftAt, long until, byte[] body) {}

    private static final Comparator<Waiting> IN_ORDER =
            Comparator.comparingLong(Waiting::leftAt).thenComparing(Waiting::id, PrintableText.ORDER);

    private final MemoryQueue queue;
    /** By worker, and then by id. */
    private final Map<String, Map<String, Waiting>> waiting = new TreeMap<>();

    private final ExpiringMap<String, byte[]> answers = new ExpiringMap<>();

    QueueCommands(MemoryQueue queue) {
        this.queue = queue;
    }

    CommandReply command(WorkerCommand command) {
        Map<String, Waiting> known = waitingOf(command.worker());
        if (known.containsKey(command.id()) || answers.find(command.id(), queue.now) != null) {
            return CommandReply.LEFT;
        }
        if (!queue.operator.isServedBy(command.worker())) {
            return CommandReply.NO_WORKER;
        }
        if (known.size() >= CommandStore.MAX_WAITING) {
            return CommandReply.TOO_MANY;
        }
        waiting.computeIfAbsent(command.worker(), worker -> new TreeMap<>())
                .put(
                        command.id(),
                        new Waiting(command.id(), queue.now, queue.now + command.ttlMillis(), command.body()));
        queue.notifications.commanded();
        return CommandReply.LEFT;
    }

    List<WaitingCommand> obey(String worker, List<CommandAnswer> given) {
        Map<String, Waiting> known = waitingOf(worker);
        for (CommandAnswer answer : given) {
            if (known.remove(answer.id()) != null) {
                answers.put(answer.id(), answer.body(), queue.now, CommandStore.ANSWER_KEPT_MILLIS);
            }
        }
        return waitingOf(worker).values().stream()
                .sorted(IN_ORDER)
                .map(each -> new WaitingCommand(each.id(), each.until() - queue.now, each.body()))
                .toList();
    }

    Optional<byte[]> answer(String id) {
        return Optional.ofNullable(answers.find(id, queue.now));
    }

    boolean isWaiting(String worker) {
        return !waitingOf(worker).isEmpty();
    }

    boolean isEmpty() {
        List.copyOf(waiting.keySet()).forEach(this::waitingOf);
        return waiting.isEmpty() && answers.isEmpty(queue.now);
    }

    /** Those whose time is not over; the others are forgotten. */
    private Map<String, Waiting> waitingOf(String worker) {
        Map<String, Waiting> known = waiting.getOrDefault(worker, new TreeMap<>());
        known.values().removeIf(each -> each.until() <= queue.now);
        if (known.isEmpty()) {
            waiting.remove(worker);
        }
        return known;
    }
}
