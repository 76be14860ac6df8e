package io.tidemill.test;

import io.tidemill.client.JobHandle;
import io.tidemill.message.Failure;
import io.tidemill.task.JobState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of a job that {@link TestQueue#run} brought to its end.
 *
 * <p>Immutable.
 *
 * @param <R> what the task returns; {@code Void} if nothing
 */
public final class TestRun<R extends @Nullable Object> {

    /**
     * One execution of the task's method.
     *
     * @param startedAt when it began
     * @param endedAt when it ended: the same instant, unless the task let time pass
     * @param thrown what the task, or an interceptor around it, threw; null if it returned
     */
    public record Attempt(
            Instant startedAt, Instant endedAt, @Nullable Throwable thrown) {}

    private final JobHandle<R> job;
    private final JobState state;
    private final @Nullable Failure failure;
    private final List<Attempt> attempts;
    private final @Nullable Object result;

    TestRun(
            JobHandle<R> job,
            JobState state,
            @Nullable Failure failure,
            List<Attempt> attempts,
            @Nullable Object result) {
        this.job = job;
        this.state = state;
        this.failure = failure;
        this.attempts = List.copyOf(attempts);
        this.result = result;
    }

    /** The job. */
    public JobHandle<R> job() {
        return job;
    }

    /** How it ended: {@code SUCCEEDED}, {@code DEAD}, {@code CANCELLED} or {@code EXPIRED}. */
    public JobState state() {
        return state;
    }

    /** Whether it succeeded. */
    public boolean isSuccess() {
        return state == JobState.SUCCEEDED;
    }

    /**
     * What the task returned, written and read by the codec; null for a task that returns nothing.
     *
     * @throws AssertionError if the job did not succeed; its cause is what the task threw last
     */
    @SuppressWarnings({"unchecked", "NullAway"}) // the handle has read it as the declared type; null is a value of Void
    public R result() {
        if (!isSuccess()) {
            throw new AssertionError("job " + job.id() + " has no result: " + this, thrown());
        }
        return (R) result;
    }

    /** What is kept of the failure for an operator; null if the job succeeded. */
    public @Nullable Failure failure() {
        return failure;
    }

    /** What the task threw last; null if it threw nothing. */
    public @Nullable Throwable thrown() {
        Throwable last = null;
        for (Attempt attempt : attempts) {
            last = attempt.thrown() == null ? last : attempt.thrown();
        }
        return last;
    }

    /** Each execution of the task's method, the first one first. */
    public List<Attempt> attempts() {
        return attempts;
    }

    /** How long the job waited between each execution and the next. */
    public List<Duration> waits() {
        List<Duration> waits = new ArrayList<>();
        for (int i = 1; i < attempts.size(); i++) {
            waits.add(Duration.between(
                    attempts.get(i - 1).endedAt(), attempts.get(i).startedAt()));
        }
        return List.copyOf(waits);
    }

    /** State, executions, waits and failure. */
    @Override
    public String toString() {
        return state + " after " + attempts.size() + (attempts.size() == 1 ? " run" : " runs") + ", waits between them "
                + waits() + (failure == null ? "" : ", failure " + failure.line());
    }
}
