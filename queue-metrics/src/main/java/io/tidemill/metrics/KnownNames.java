package io.tidemill.metrics;

import io.tidemill.client.SendInterceptor;
import io.tidemill.task.TaskDefinition;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The names that tags may have: queues and tasks that stand in the code of this process. A name that comes from data,
 * such as a queue per tenant, counts as {@value #OTHER}: every value of a tag costs memory here and where meters are
 * stored, and is kept for ever.
 *
 * <p>As an interceptor it gets to know the tasks that calls refer to, so that a process which only enqueues has names
 * as well.
 *
 * <p>Thread-safe.
 */
final class KnownNames implements SendInterceptor {

    static final String OTHER = "other";

    private final Set<String> queues = ConcurrentHashMap.newKeySet();
    private final Set<String> tasks = ConcurrentHashMap.newKeySet();

    void addQueues(Collection<String> names) {
        queues.addAll(names);
    }

    void addTasks(Collection<String> names) {
        tasks.addAll(names);
    }

    void add(TaskDefinition task) {
        tasks.add(task.name());
        queues.add(task.queue());
    }

    @Override
    public void before(Sending sending) {
        sending.definition().ifPresent(this::add);
    }

    /** This name of a queue as a tag. */
    String queue(String name) {
        return queues.contains(name) ? name : OTHER;
    }

    /** This name of a task as a tag. */
    String task(String name) {
        return tasks.contains(name) ? name : OTHER;
    }
}
