package io.tidemill.metrics;

import io.tidemill.client.SendInterceptor;
import io.tidemill.task.TaskDefinition;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The names that tags may have: queues and tasks that stand in the code of this process. A name that comes from data,
 * such as a queue per tenant, counts as {@value #OTHER}: every value of a tag costs memory here and where meters are
 * stored, and is kept for ever.
 *
 * <p>At most {@value #MOST_QUEUES} queues are known by themselves: a process may serve thousands. Those that are added
 * by name come on top.
 *
 * <p>As an interceptor it gets to know the tasks that calls refer to, so that a process which only enqueues has names
 * as well.
 *
 * <p>Thread-safe.
 */
final class KnownNames implements SendInterceptor {

    static final String OTHER = "other";
    static final int MOST_QUEUES = 100;

    private static final Logger log = LoggerFactory.getLogger("io.tidemill.metrics");

    private final Set<String> named = ConcurrentHashMap.newKeySet();
    private final Set<String> queues = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean isFull = new AtomicBoolean();
    private final Set<String> tasks = ConcurrentHashMap.newKeySet();

    /** Adds queues that the user has named. */
    void addNamed(Collection<String> names) {
        named.addAll(names);
    }

    /** Adds queues, the first by name, as long as there are not too many. */
    void addQueues(Collection<String> names) {
        names.stream().sorted().forEach(this::addQueue);
    }

    private void addQueue(String queue) {
        if (queues.contains(queue)) {
            return;
        }
        // Two threads at once may add one more each, which does no harm.
        if (queues.size() < MOST_QUEUES) {
            queues.add(queue);
        } else if (!named.contains(queue) && isFull.compareAndSet(false, true)) {
            log.warn(
                    "more than {} queues are known: {} and others are measured as \"{}\"; name those that matter with"
                            + " withQueues(...)",
                    MOST_QUEUES,
                    queue,
                    OTHER);
        }
    }

    void addTasks(Collection<String> names) {
        tasks.addAll(names);
    }

    void add(TaskDefinition task) {
        tasks.add(task.name());
        tasks.addAll(task.aliases());
        addQueue(task.queue());
    }

    @Override
    public void before(Sending sending) {
        sending.definition().ifPresent(this::add);
    }

    /** This name of a queue as a tag. */
    String queue(String name) {
        return queues.contains(name) || named.contains(name) ? name : OTHER;
    }

    /** This name of a task as a tag. */
    String task(String name) {
        return tasks.contains(name) ? name : OTHER;
    }
}
