package io.tidemill.event;

import java.util.Map;
import java.util.Objects;

/**
 * The job that an event is about.
 *
 * <p>Immutable. Made by Tidemill; {@link #of} is for tests of listeners.
 */
public final class JobRef {

    private final String queue;
    private final String id;
    private final String task;
    private final Map<String, String> headers;

    private JobRef(String queue, String id, String task, Map<String, String> headers) {
        this.queue = queue;
        this.id = id;
        this.task = task;
        this.headers = Map.copyOf(headers);
    }

    /** A job without headers. */
    public static JobRef of(String queue, String id, String task) {
        return new JobRef(queue, id, task, Map.of());
    }

    /** The same with these headers. */
    public JobRef withHeaders(Map<String, String> texts) {
        return new JobRef(queue, id, task, texts);
    }

    /** The queue. */
    public String queue() {
        return queue;
    }

    /** The job's id. */
    public String id() {
        return id;
    }

    /** The task's name; {@code "?"} if the job's record could not be read. */
    public String task() {
        return task;
    }

    /**
     * The small texts that came with the job, in events about a run in this process; empty in others, which are
     * published without reading the job's record.
     */
    public Map<String, String> headers() {
        return headers;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof JobRef that
                && queue.equals(that.queue)
                && id.equals(that.id)
                && task.equals(that.task)
                && headers.equals(that.headers);
    }

    @Override
    public int hashCode() {
        return Objects.hash(queue, id, task, headers);
    }

    /** One line for logs, without headers, which may hold secrets. */
    @Override
    public String toString() {
        return "job " + id + " of task " + task + " on queue " + queue;
    }
}
