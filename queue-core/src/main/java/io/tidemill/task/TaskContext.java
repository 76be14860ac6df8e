package io.tidemill.task;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * What running code may ask about the job that it is running. Get it with {@link #current()} inside a task method.
 *
 * <p>Not to be implemented by users: methods are added in later versions. In a unit test use {@code TestContext} of
 * {@code queue-test}.
 *
 * <p>Thread-safe; the answers about cancellation and lease change while the job runs. {@code current()} is bound to the
 * thread that runs the task: read it there and hand the object to threads that you start. Callbacks of the stage of an
 * async task run on threads where no context is current, unless the stage had ended when they were added; with
 * {@link #callWith} they make it current again.
 */
public interface TaskContext {

    /** The job's id: the same over all attempts, so a good idempotency key for effects elsewhere. */
    String jobId();

    /** The task's name. */
    String task();

    /** The queue that the job came from. */
    String queue();

    /**
     * The number of this run: 1 for the first, then one more for each failure, ended lease and release. A redrive of a
     * dead job sets the counts back and is one release itself, so the first run after it is number 2.
     */
    int attempt();

    /** The small texts that came with the job. */
    Map<String, String> headers();

    /**
     * Whether somebody asked for this job to be cancelled. The thread has been interrupted as well, and the stage of an
     * async task cancelled; code that does not block should look here from time to time.
     */
    boolean isCancelled();

    /**
     * Whether this worker still has the right to the job. False after the lease ended without a renewal: another worker
     * may be running the job by now, and what this run returns may be refused.
     */
    boolean isLeaseValid();

    /**
     * The context of the job that runs on this thread.
     *
     * @throws IllegalStateException if no job runs on this thread
     */
    static TaskContext current() {
        TaskContext context = CurrentTask.CONTEXT.get();
        if (context == null) {
            throw new IllegalStateException(
                    "no job runs on thread " + Thread.currentThread().getName()
                            + "; TaskContext.current() works only inside a task method, on the thread that runs it");
        }
        return context;
    }

    /** The context of the job that runs on this thread; empty if none does. For code that is also called elsewhere. */
    static Optional<TaskContext> find() {
        return Optional.ofNullable(CurrentTask.CONTEXT.get());
    }

    /** Runs code with this context as the current one: what a worker does, and a unit test of a task may do. */
    static <V extends @Nullable Object> V callWith(TaskContext context, Callable<V> code) throws Exception {
        TaskContext outer = CurrentTask.CONTEXT.get();
        CurrentTask.CONTEXT.set(context);
        try {
            return code.call();
        } finally {
            if (outer == null) {
                CurrentTask.CONTEXT.remove();
            } else {
                CurrentTask.CONTEXT.set(outer);
            }
        }
    }
}
