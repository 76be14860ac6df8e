package io.tidemill.maintenance;

import io.tidemill.async.Answers;
import io.tidemill.async.Safely;
import io.tidemill.broker.Ability;
import io.tidemill.broker.Broker;
import io.tidemill.text.LogNames;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The queues of the broker that this process does not serve, a few at a time: perhaps nobody does. Asks for their names
 * again when all have had their turn, every 5 minutes at most.
 *
 * <p>{@link #next} is called by one thread.
 */
final class UnservedQueues {

    private static final Logger log = LoggerFactory.getLogger(LogNames.MAINTENANCE);

    private static final Duration PERIOD = Duration.ofMinutes(5);

    private final Broker broker;
    private final Clock clock;
    private final Set<String> served;
    private final ConcurrentLinkedQueue<String> names = new ConcurrentLinkedQueue<>();
    private long askAgainNanos;

    UnservedQueues(Broker broker, Clock clock, Set<String> served) {
        this.broker = broker;
        this.clock = clock;
        this.served = served;
        this.askAgainNanos = clock.nanos();
    }

    /** Those whose turn it is, at most so many; none if they are not known yet. */
    List<String> next(int most) {
        List<String> turn = new ArrayList<>();
        for (String name = names.poll(); name != null; name = names.poll()) {
            turn.add(name);
            if (turn.size() == most) {
                return turn;
            }
        }
        if (turn.isEmpty() && broker.abilities().contains(Ability.OPERATIONS) && askAgainNanos - clock.nanos() <= 0) {
            askAgainNanos = clock.nanos() + PERIOD.toNanos();
            ask();
        }
        return turn;
    }

    private void ask() {
        Safely.ask(() -> broker.operations().queues()).whenComplete((all, failure) -> {
            if (failure != null) {
                log.debug(
                        "the names of all queues are not known, asked again in {}: {}",
                        PERIOD,
                        Answers.message(failure));
            } else {
                all.stream().filter(name -> !served.contains(name)).forEach(names::add);
            }
        });
    }
}
