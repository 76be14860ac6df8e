package io.tidemill.test;

import io.tidemill.task.TaskContext;
import java.util.Map;
import java.util.TreeMap;

/**
 * A context for calling a task method in a unit test, without a queue. Begin with {@link #of} and change what matters:
 *
 * <pre>{@code
 * Receipt receipt = TaskContext.callWith(TestContext.of("job-1").withAttempt(2), () -> tasks.sendEmail("ada", "Hi"));
 * }</pre>
 *
 * <p>Immutable.
 */
public final class TestContext implements TaskContext {

    private final String jobId;
    private final String task;
    private final String queue;
    private final int attempt;
    private final Map<String, String> headers;
    private final boolean isCancelled;
    private final boolean isLeaseValid;

    private TestContext(
            String jobId,
            String task,
            String queue,
            int attempt,
            Map<String, String> headers,
            boolean isCancelled,
            boolean isLeaseValid) {
        this.jobId = jobId;
        this.task = task;
        this.queue = queue;
        this.attempt = attempt;
        this.headers = Map.copyOf(headers);
        this.isCancelled = isCancelled;
        this.isLeaseValid = isLeaseValid;
    }

    /** The first run of a job: task and queue "test", no headers, not cancelled, lease valid. */
    public static TestContext of(String jobId) {
        return new TestContext(jobId, "test", "test", 1, Map.of(), false, true);
    }

    /** The same run of another task. */
    public TestContext withTask(String name) {
        return new TestContext(jobId, name, queue, attempt, headers, isCancelled, isLeaseValid);
    }

    /** The same run of a job from another queue. */
    public TestContext withQueue(String name) {
        return new TestContext(jobId, task, name, attempt, headers, isCancelled, isLeaseValid);
    }

    /** The same run with another number. */
    public TestContext withAttempt(int number) {
        return new TestContext(jobId, task, queue, number, headers, isCancelled, isLeaseValid);
    }

    /** The same run with one header more. */
    public TestContext withHeader(String name, String value) {
        Map<String, String> more = new TreeMap<>(headers);
        more.put(name, value);
        return new TestContext(jobId, task, queue, attempt, more, isCancelled, isLeaseValid);
    }

    /** The same run, after somebody asked for its job to be cancelled. */
    public TestContext cancelled() {
        return new TestContext(jobId, task, queue, attempt, headers, true, isLeaseValid);
    }

    /** The same run, after its lease ended. */
    public TestContext withoutLease() {
        return new TestContext(jobId, task, queue, attempt, headers, isCancelled, false);
    }

    @Override
    public String jobId() {
        return jobId;
    }

    @Override
    public String task() {
        return task;
    }

    @Override
    public String queue() {
        return queue;
    }

    @Override
    public int attempt() {
        return attempt;
    }

    @Override
    public Map<String, String> headers() {
        return headers;
    }

    @Override
    public boolean isCancelled() {
        return isCancelled;
    }

    @Override
    public boolean isLeaseValid() {
        return isLeaseValid;
    }
}
