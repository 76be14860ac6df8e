package io.tidemill;

import io.tidemill.definition.TaskOverrides;
import io.tidemill.task.Priority;
import io.tidemill.task.RetryPolicy;
import io.tidemill.text.Durations;
import io.tidemill.text.Names;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What this process says otherwise than the declaration of a task, as for an environment. See
 * {@link TaskQueueBuilder#task}. What is not set follows the declaration; a value of a single call comes before both.
 *
 * <p>{@code queue} and {@code priority} hold where jobs are enqueued, the others where they run: a process that only
 * enqueues and one that only runs them need the same {@code queue}.
 *
 * <p>Values out of range are problems of {@link TaskQueueBuilder#start}. Not thread-safe.
 */
public final class TaskSettings {

    private final String task;
    private final List<String> problems;
    private @Nullable String queue;
    private @Nullable Integer priority;
    private @Nullable Duration timeout;
    private @Nullable RetryPolicy retry;
    private @Nullable Duration resultTtl;

    TaskSettings(String task, List<String> problems) {
        this.task = task;
        this.problems = problems;
    }

    /** The queue of its jobs. */
    public TaskSettings queue(String name) {
        return set(() -> queue = Names.check("queue name", name));
    }

    /** The priority of its jobs, 0 (last) to 9 (first). */
    public TaskSettings priority(int value) {
        return set(() -> priority = Priority.check(value));
    }

    /** How long one run may take; 1 ms to 10 years. */
    public TaskSettings timeout(Duration longest) {
        return set(() -> timeout = Durations.checkPositive("timeout", longest));
    }

    /** When a failed run is tried again, in place of all that the declaration says of it. */
    public TaskSettings retry(RetryPolicy policy) {
        retry = policy;
        return this;
    }

    /** How long a returned value is kept; 1 ms to 10 years. */
    public TaskSettings resultTtl(Duration kept) {
        return set(() -> resultTtl = Durations.checkPositive("resultTtl", kept));
    }

    TaskOverrides overrides() {
        return new TaskOverrides(queue, priority, timeout, retry, resultTtl);
    }

    private TaskSettings set(Runnable setting) {
        try {
            setting.run();
        } catch (IllegalArgumentException e) {
            problems.add("task \"" + task + "\": " + e.getMessage());
        }
        return this;
    }
}
