package io.tidemill.worker;

import io.tidemill.async.Answers;
import io.tidemill.async.Safely;
import io.tidemill.broker.Broker;
import io.tidemill.broker.CommandAnswer;
import io.tidemill.broker.WaitingCommand;
import io.tidemill.record.Answer;
import io.tidemill.record.Command;
import io.tidemill.text.LogNames;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the commands that wait for this worker, obeys each at most once, and answers. A command is brought until its
 * answer has arrived, so what was answered is remembered and answered again. One whose time is over when it comes to it
 * is not obeyed: the process may have been suspended behind the request.
 *
 * <p>Thread-safe. Never blocks; commands are obeyed on the executor, one after the other of each queue.
 */
final class WorkerCommands {

    private static final Logger log = LoggerFactory.getLogger(LogNames.WORKER);

    /** Much longer than a request for a command may be on its way. */
    private static final long REMEMBERED_NANOS = Duration.ofMinutes(10).toNanos();

    private static final int MOST_REMEMBERED = 1000;

    /** What a command was answered, and how long that is remembered at least. */
    private record Obeyed(Answer answer, long untilNanos) {}

    private final Broker broker;
    private final String worker;
    private final Clock clock;
    private final Executor executor;
    /** Who obeys what is asked in a queue. */
    private final Function<String, Command.Cases<Answer>> obeyers;

    private final ReentrantLock lock = new ReentrantLock();
    /** Queues whose commands are being taken. Guarded by the lock, as the next two are. */
    private final Set<String> busy = new HashSet<>();
    /** Those of which a hint came meanwhile. */
    private final Set<String> again = new HashSet<>();

    private final Map<String, Obeyed> obeyed = new HashMap<>();

    WorkerCommands(
            Broker broker,
            String worker,
            Clock clock,
            Executor executor,
            Function<String, Command.Cases<Answer>> obeyers) {
        this.broker = broker;
        this.worker = worker;
        this.clock = clock;
        this.executor = executor;
        this.obeyers = obeyers;
    }

    /** Commands may wait in this queue. */
    void look(String queue) {
        lock.lock();
        try {
            if (!busy.add(queue)) {
                again.add(queue);
                return;
            }
        } finally {
            lock.unlock();
        }
        ask(queue, List.of());
    }

    private void ask(String queue, List<CommandAnswer> answers) {
        long sentNanos = clock.nanos();
        Safely.ask(() -> broker.commands().obey(queue, worker, answers)).whenComplete((waiting, failure) -> {
            if (failure != null) {
                log.debug("queue {}: commands could not be asked for: {}", queue, Answers.message(failure));
                ended(queue);
            } else if (waiting.isEmpty()
                    || !Safely.execute(executor, "obeying a command", () -> obey(queue, sentNanos, waiting))) {
                ended(queue);
            }
        });
    }

    private void obey(String queue, long sentNanos, List<WaitingCommand> waiting) {
        List<CommandAnswer> answers = new ArrayList<>();
        try {
            for (WaitingCommand command : waiting) {
                Answer answer = answer(queue, sentNanos, command);
                if (answer != null) {
                    answers.add(new CommandAnswer(command.id(), answer.encode()));
                }
            }
        } finally {
            if (answers.isEmpty()) {
                ended(queue);
            } else {
                ask(queue, answers);
            }
        }
    }

    private @Nullable Answer answer(String queue, long sentNanos, WaitingCommand command) {
        long now = clock.nanos();
        lock.lock();
        try {
            Obeyed before = obeyed.get(command.id());
            if (before != null) {
                return before.answer();
            }
            if (now - sentNanos >= command.leftMillis() * 1_000_000) {
                return null;
            }
            forget(now);
            // Before it is obeyed: what fails half way is not obeyed again.
            obeyed.put(
                    command.id(),
                    new Obeyed(Answer.refused("it was begun, and has not come to an end"), now + REMEMBERED_NANOS));
        } finally {
            lock.unlock();
        }
        Answer answer = obey(queue, Command.decode(command.body()));
        lock.lock();
        try {
            obeyed.put(command.id(), new Obeyed(answer, now + REMEMBERED_NANOS));
        } finally {
            lock.unlock();
        }
        return answer;
    }

    private Answer obey(String queue, Command command) {
        log.info("worker {} was asked: {}", worker, command);
        try {
            return command.given(obeyers.apply(queue));
        } catch (RuntimeException | Error e) {
            log.warn("worker {} failed to obey {}", worker, command, e);
            return Answer.refused("it failed: " + e.getClass().getName());
        }
    }

    private void forget(long now) {
        if (obeyed.size() >= MOST_REMEMBERED) {
            obeyed.values().removeIf(each -> now - each.untilNanos() > 0);
        }
    }

    private void ended(String queue) {
        boolean isWanted;
        lock.lock();
        try {
            busy.remove(queue);
            isWanted = again.remove(queue);
        } finally {
            lock.unlock();
        }
        if (isWanted) {
            look(queue);
        }
    }
}
