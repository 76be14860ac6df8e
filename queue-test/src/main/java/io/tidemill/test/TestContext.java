package io.tidemill.test;

import io.tidemill.task.TaskContext;
import java.util.Map;
import java.util.TreeMap;

/**
 * A context for calling a task method in a unit test, without a queue.
 *
 * <pre>{@code
 * Receipt receipt = TaskContext.callWith(TestContext.of("job-1").withAttempt(2), () -> tasks.sendEmail("ada", "Hi"));
 * }</pre>
 *
 * <p>Immutable.
 */
public record TestContext(
        String jobId,
        String task,
        String queue,
        int attempt,
        Map<String, String> headers,
        boolean isCancelled,
        boolean isLeaseValid)
        implements TaskContext {

    /** The headers are copied. */
    public TestContext {
        headers = Map.copyOf(headers);
    }

    /** The first run of a job: task and queue "test", no headers, not cancelled, lease valid. */
    public static TestContext of(String jobId) {
        return new TestContext(jobId, "test", "test", 1, Map.of(), false, true);
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
}
