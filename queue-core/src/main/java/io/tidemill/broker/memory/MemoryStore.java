package io.tidemill.broker.memory;

import io.tidemill.async.PerQueue;
import io.tidemill.broker.Survey;
import io.tidemill.time.Clock;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The jobs of one or more {@link MemoryBroker} objects: what a server is to other brokers. It has nothing to close, and
 * lives as long as somebody has it.
 *
 * <pre>{@code
 * MemoryStore store = new MemoryStore();
 * TaskQueue producer = TaskQueue.builder().broker(new MemoryBroker(store)).start();
 * TaskQueue worker = TaskQueue.builder().broker(new MemoryBroker(store)).tasks(new MailTasks()).start();
 * }</pre>
 *
 * <p>Thread-safe.
 */
public final class MemoryStore {

    final Clock clock;
    final Listeners listeners = new Listeners();
    private final PerQueue<MemoryQueue> queues = new PerQueue<>(this::newQueue, MemoryQueue::retire);

    /** An empty store on the machine's clock. */
    public MemoryStore() {
        this(Clock.system());
    }

    /** An empty store on this clock: its wall time says when a job is due and when a lease has ended. */
    public MemoryStore(Clock clock) {
        this.clock = clock;
    }

    /**
     * The earliest time after now at which time alone brings something in any queue: a delayed job is due, a lease has
     * ended, a job has expired, a schedule fires, or a rate lets jobs start. For tests that move the clock: until then
     * nothing changes unless somebody changes it.
     *
     * @return in ms since 1970 by the clock of the store; empty if nothing waits for time
     */
    public OptionalLong nextMillis() {
        long[] next = {Long.MAX_VALUE};
        queues.forEach((name, queue) -> {
            MemoryQueue.Answer<Long> answer = queue.run(it -> it.sweeper.nextMillis());
            next[0] = Math.min(next[0], answer == null ? Long.MAX_VALUE : answer.value());
        });
        return next[0] == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(next[0]);
    }

    <V extends @Nullable Object> V hop(String queue, Function<MemoryQueue, V> hop) {
        MemoryQueue.Answer<V> answer;
        do {
            answer = queues.of(queue).run(hop);
        } while (answer == null);
        if (!answer.notifications().isEmpty()) {
            listeners.publish(queue, answer.notifications());
        }
        return answer.value();
    }

    Survey survey(String name) {
        MemoryQueue queue = queues.find(name);
        MemoryQueue.Answer<Survey> answer = queue == null ? null : queue.run(it -> it.sweeper.survey());
        return answer == null ? Survey.NOTHING : answer.value();
    }

    /** The names of the queues of which this is true. */
    Set<String> queues(Predicate<MemoryQueue> which) {
        Set<String> found = new TreeSet<>();
        queues.forEach((name, queue) -> {
            MemoryQueue.Answer<Boolean> isOne = queue.run(which::test);
            if (isOne != null && isOne.value()) {
                found.add(name);
            }
        });
        return found;
    }

    /** How many queues there are objects for. */
    int known() {
        return queues.size();
    }

    private MemoryQueue newQueue(String name) {
        return new MemoryQueue(name, clock);
    }
}
