package io.tidemill.worker;

import io.tidemill.task.Batch;
import io.tidemill.task.TaskContext;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One run within a batch: an item for the user's method, a stage for everybody else. An answer completes the stage.
 * What cancels the stage, as a timeout does, only marks the item as interrupted: its run ends when it gets an answer,
 * when the method returns, or when the watchdog abandons it.
 *
 * <p>Thread-safe.
 */
final class BatchEntry implements Batch.Item<Object>, Batch.ItemWithResult<Object, @Nullable Object> {

    private final Run run;
    private final @Nullable Object value;
    private final Runnable changed;
    private final Stage stage = new Stage();
    private volatile boolean isInterrupted;

    /**
     * An item without an answer.
     *
     * @param changed called when it was answered or interrupted
     */
    BatchEntry(Run run, @Nullable Object value, Runnable changed) {
        this.run = run;
        this.value = value;
        this.changed = changed;
    }

    Run run() {
        return run;
    }

    /** What the run waits for. */
    CompletableFuture<@Nullable Object> stage() {
        return stage;
    }

    /** Whether nobody waits for its answer any more. A cancel is known before it has come to the stage. */
    boolean isInterrupted() {
        return isInterrupted || run.isCancelled() || run.hasEnded();
    }

    @Override
    @SuppressWarnings("NullAway") // null for a job that was enqueued with null
    public Object value() {
        return value;
    }

    @Override
    public TaskContext context() {
        return run;
    }

    @Override
    public boolean succeed() {
        return succeed(null);
    }

    @Override
    public boolean succeed(@Nullable Object result) {
        boolean isFirst = stage.complete(result);
        changed.run();
        return isFirst;
    }

    @Override
    public boolean fail(Throwable reason) {
        boolean isFirst = stage.completeExceptionally(Objects.requireNonNull(reason, "reason"));
        changed.run();
        return isFirst;
    }

    @Override
    public boolean isAnswered() {
        return stage.isDone();
    }

    private final class Stage extends CompletableFuture<@Nullable Object> {

        @Override
        public boolean cancel(boolean mayInterrupt) {
            isInterrupted = true;
            changed.run();
            return false;
        }
    }
}
