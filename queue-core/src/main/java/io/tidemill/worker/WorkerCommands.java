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

    /**
     * How much longer than the command waits its answer is remembered: the clocks of the broker and of this process may
     * differ in speed.
     */
    private static final long SPARE_NANOS = Duration.ofMinutes(1).toNanos();

    /** With fewer it is not looked which of them are over. */
    private static final int FEW = 100;

    /** What a command was answered, and until when it might be brought again. */
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
    /** With how many it is looked next which of them are over. */
    private int lookAt = FEW;

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
                return;
            }
            kept(answers);
            if (waiting.isEmpty()
                    || !Safely.execute(executor, "obeying a command", () -> obey(queue, sentNanos, waiting))) {
                ended(queue);
            }
        });
    }

    /**
     * The broker has these answers: of long ones no more is held here than that the command was obeyed. A broker that
     * has lost its last writes may bring the command again.
     */
    private void kept(List<CommandAnswer> answers) {
        lock.lock();
        try {
            for (CommandAnswer answer : answers) {
                obeyed.computeIfPresent(
                        answer.id(), (id, it) -> new Obeyed(it.answer().shortened(), it.untilNanos()));
            }
        } finally {
            lock.unlock();
        }
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
        long leftNanos = Duration.ofMillis(command.leftMillis()).toNanos();
        long until = sentNanos + leftNanos + SPARE_NANOS;
        lock.lock();
        try {
            Obeyed before = obeyed.get(command.id());
            if (before != null) {
                return before.answer();
            }
            if (now - sentNanos >= leftNanos) {
                return null;
            }
            forget(now);
            // Before it is obeyed: what fails half way is not obeyed again.
            obeyed.put(command.id(), new Obeyed(Answer.refused("it was begun, and has not come to an end"), until));
        } finally {
            lock.unlock();
        }
        Answer answer = obey(queue, Command.decode(command.body()));
        lock.lock();
        try {
            obeyed.put(command.id(), new Obeyed(answer, until));
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

    /** How many commands it would know again. */
    int remembered() {
        lock.lock();
        try {
            return obeyed.size();
        } finally {
            lock.unlock();
        }
    }

    private void forget(long now) {
        if (obeyed.size() >= lookAt) {
            obeyed.values().removeIf(each -> now - each.untilNanos() > 0);
            lookAt = Math.max(FEW, 2 * obeyed.size());
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
