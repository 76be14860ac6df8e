package io.tidemill;

import io.tidemill.definition.TaskOverrides;
import io.tidemill.task.Priority;
import io.tidemill.task.RetryPolicy;
import io.tidemill.task.Upcaster;
import io.tidemill.text.Durations;
import io.tidemill.text.Names;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What this process says otherwise than the declaration of a task, as for an environment. See
 * {@link TaskQueueBuilder#task}. What is not set follows the declaration; a value of a single call comes before both.
 *
 * <p>{@code queue} and {@code priority} hold where jobs are enqueued, {@code version} in both, the others where they
 * run: a process that only enqueues and one that only runs them need the same {@code queue}.
 *
 * <p>Values out of range are problems of {@link TaskQueueBuilder#start}. Not thread-safe.
 */
public final class TaskSettings {

    private static final int MAX_CONCURRENCY = 10_000;

    private final String task;
    private final List<String> problems;
    private @Nullable String queue;
    private @Nullable Integer priority;
    private @Nullable Duration timeout;
    private @Nullable RetryPolicy retry;
    private @Nullable Duration resultTtl;
    private @Nullable Integer concurrency;
    private @Nullable Duration keep;
    private @Nullable Integer version;

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

    /**
     * Most runs of the task at once in this process; 1 to 10,000, default no limit but the concurrency of the process.
     * Of a batch task: most batches.
     *
     * <p>A job that finds its task at this limit waits here and holds a slot of the process meanwhile, first in, first
     * out. So a task that is often at its limit keeps other tasks from running: give it a queue of its own, and
     * {@link TaskQueueBuilder#concurrency(String, int)}, which claims no more than can run.
     */
    public TaskSettings concurrency(int runs) {
        return set(() -> {
            if (runs < 1 || runs > MAX_CONCURRENCY) {
                throw new IllegalArgumentException("concurrency must be 1 to 10,000, got " + runs);
            }
            concurrency = runs;
        });
    }

    /** {@link #concurrency}; null for no limit. */
    @Nullable
    Integer concurrency() {
        return concurrency;
    }

    /** How long a job is kept after it succeeded; 1 ms to 10 years. */
    public TaskSettings keep(Duration kept) {
        return set(() -> keep = Durations.checkPositive("keep", kept));
    }

    /**
     * The version of its arguments, 1 to 1,000: for a task that a handler runs, and for calls by name of a task that is
     * not registered here. A method says it in {@link io.tidemill.task.Task#version}.
     */
    public TaskSettings version(int value) {
        return set(() -> {
            if (value < 1 || value > Upcaster.MAX_VERSION) {
                throw new IllegalArgumentException("version must be 1 to 1,000, got " + value);
            }
            version = value;
        });
    }

    TaskOverrides overrides() {
        return new TaskOverrides(queue, priority, timeout, retry, resultTtl, keep, version);
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
