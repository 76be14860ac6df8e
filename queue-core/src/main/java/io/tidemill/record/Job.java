package io.tidemill.record;

import io.tidemill.message.PayloadCodec;
import io.tidemill.task.RetryPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One request to run a task, as its producer wrote it. What changes while the job lives (counts, failures) is the
 * broker's and is not in here.
 *
 * <p>Immutable, except that {@code payload} and {@code section} are not copied: nobody changes them.
 *
 * @param task the task's name
 * @param payload the arguments, in the {@link PayloadCodec}'s format
 * @param createdAtMillis when it was made, by the producer's clock; for people, nothing is decided by it
 * @param timeout how long one run may take; null means as the task says
 * @param maxAttempts runs before the job is dead; null means as the task says
 * @param retry how long to wait between them; null means as the task says. Its other parts mean nothing
 * @param dueMillis when it is due by the producer's clock, if a delay was asked for; 0 for at once. For people and
 *     measurements: the broker has its own
 * @param headers small texts that travel along
 * @param more what few jobs have
 * @param section what it says as a step of a workflow: see {@code io.tidemill.plan.StepSection}; null if it is none
 */
public record Job(
        String task,
        byte[] payload,
        long createdAtMillis,
        @Nullable Duration timeout,
        @Nullable Integer maxAttempts,
        @Nullable RetryPolicy retry,
        long dueMillis,
        Map<String, String> headers,
        More more,
        byte @Nullable [] section) {

    /**
     * What few jobs have.
     *
     * @param version of the arguments: {@code Task.version}
     * @param secrets where in the payload parts stand that are not to be shown, as {@code /0/number}; {@code *} stands
     *     for each element
     * @param deadlineMillis when its last run has to end, by the producer's clock; 0 for never
     */
    public record More(int version, List<String> secrets, long deadlineMillis) {

        /** Nothing of that. */
        public static final More NONE = new More(1, List.of(), 0);

        public More {
            secrets = List.copyOf(secrets);
        }
    }

    /** A job that is no step of a workflow. */
    public Job(
            String task,
            byte[] payload,
            long createdAtMillis,
            @Nullable Duration timeout,
            @Nullable Integer maxAttempts,
            @Nullable RetryPolicy retry,
            long dueMillis,
            Map<String, String> headers,
            More more) {
        this(task, payload, createdAtMillis, timeout, maxAttempts, retry, dueMillis, headers, more, null);
    }

    /** A job with nothing {@link More}. */
    public Job(
            String task,
            byte[] payload,
            long createdAtMillis,
            @Nullable Duration timeout,
            @Nullable Integer maxAttempts,
            @Nullable RetryPolicy retry,
            long dueMillis,
            Map<String, String> headers) {
        this(task, payload, createdAtMillis, timeout, maxAttempts, retry, dueMillis, headers, More.NONE);
    }

    /** A job that is due at once and leaves the waits between its runs to the task. */
    public Job(
            String task,
            byte[] payload,
            long createdAtMillis,
            @Nullable Duration timeout,
            @Nullable Integer maxAttempts,
            Map<String, String> headers) {
        this(task, payload, createdAtMillis, timeout, maxAttempts, null, 0, headers);
    }

    /** The same job as this step, made at this time. */
    public Job asStep(byte[] value, long nowMillis, long due, byte[] newPayload) {
        return new Job(task, newPayload, nowMillis, timeout, maxAttempts, retry, due, headers, more, value);
    }

    /** When it may start at the earliest, by the producer's clock. */
    public long readyAtMillis() {
        return Math.max(createdAtMillis, dueMillis);
    }

    /** The task's policy, changed by what the job's producer asked for. */
    public RetryPolicy policy(RetryPolicy declared) {
        RetryPolicy policy = retry == null ? declared : declared.withTimesOf(retry);
        RetryPolicy own = maxAttempts == null ? policy : policy.withMaxAttempts(maxAttempts);
        if (more.deadlineMillis() == 0) {
            return own;
        }
        Duration window = Duration.ofMillis(Math.max(1, more.deadlineMillis() - createdAtMillis));
        return own.window() == null || window.compareTo(own.window()) < 0 ? own.withWindow(window) : own;
    }
}
