package io.tidemill.client;

import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What became of one of the jobs that were awaited together ({@link TaskClient#awaitAll}): what its task returned, or
 * the exception that {@link JobHandle#await} throws for such an end.
 *
 * <p>Immutable.
 *
 * @param <R> what the task returns; {@code Void} if nothing
 */
public final class Awaited<R extends @Nullable Object> {

    private final JobHandle<? extends R> job;
    private final @Nullable Object result;
    private final @Nullable RuntimeException exception;

    private Awaited(JobHandle<? extends R> job, @Nullable Object result, @Nullable RuntimeException exception) {
        this.job = Objects.requireNonNull(job, "job");
        this.result = result;
        this.exception = exception;
    }

    /** For those who write clients, and for tests: a job that succeeded with this result. */
    public static <R extends @Nullable Object> Awaited<R> succeeded(JobHandle<? extends R> job, R result) {
        return new Awaited<>(job, result, null);
    }

    /** For those who write clients, and for tests: a job for which {@link JobHandle#await} throws this. */
    public static <R extends @Nullable Object> Awaited<R> failed(
            JobHandle<? extends R> job, RuntimeException exception) {
        return new Awaited<>(job, null, Objects.requireNonNull(exception, "exception"));
    }

    /** The job, as its handle was given. */
    public JobHandle<? extends R> job() {
        return job;
    }

    /** Whether it succeeded, and its result could be read. */
    public boolean isSuccess() {
        return exception == null;
    }

    /**
     * What the task returned; null for a task that returns nothing.
     *
     * @throws RuntimeException the {@link #exception}, if the job did not succeed
     */
    @SuppressWarnings({"unchecked", "NullAway"}) // it was given as R; null is a value of Void
    public R result() {
        if (exception != null) {
            throw exception;
        }
        return (R) result;
    }

    /**
     * Why there is no result; empty if the job succeeded. A {@link JobFailedException} has type, message and stack of
     * what the task threw, as texts. The others are {@link JobCancelledException}, {@link JobExpiredException},
     * {@link AwaitTimeoutException} (it had not ended in time), {@link UnknownJobException}, and
     * {@link io.tidemill.task.PayloadException} (its result cannot be read).
     */
    public Optional<RuntimeException> exception() {
        return Optional.ofNullable(exception);
    }

    /** The job, and its result or exception. */
    @Override
    public String toString() {
        return job + ": " + (exception == null ? String.valueOf(result) : exception.toString());
    }
}
