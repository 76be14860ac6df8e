package io.tidemill.task;

import java.time.Duration;
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

    /**
     * A number that is larger in each later run of this job, also after a redrive. Hand it to what the task changes
     * elsewhere, and let that refuse a number smaller than the largest it has seen: a run that lost its lease without
     * noticing, as in a long pause of its process, then does no harm.
     *
     * <p>It is made of the time of the claim by the clock of the broker, in ms, times 1,024, plus {@link #attempt} or
     * 1,023 if that is larger. So it is below 2^53, and grows as long as that clock is not set back.
     */
    default long fencingNumber() {
        return attempt();
    }

    /** The small texts that came with the job. */
    Map<String, String> headers();

    /**
     * Whether somebody asked for this job to be cancelled. The thread has been interrupted as well, and the stage of an
     * async task cancelled; code that does not block should look here from time to time.
     */
    boolean isCancelled();

    /**
     * Whether this worker still has the right to the job. False after the lease ended without a renewal, and when the
     * run was abandoned after a timeout or a cancel: another worker may be running the job by now, and what this run
     * returns is refused.
     */
    boolean isLeaseValid();

    /**
     * Runs a step once over all runs of this job: its result is recorded with the job before this returns, and a later
     * run gets the recorded result without running the step.
     *
     * <p>Steps are recognised by their order and their names, so every run has to reach them in the same order. Code
     * between steps runs again in each run. A step that throws is not recorded. A step that was run and could not be
     * recorded, as the process was killed or the broker did not answer, runs again.
     *
     * <p>Steps run one after the other, at most 1,000 per job; their results and the checkpoint have 256 KiB together.
     * Beyond that, and if the result cannot be written or read as this type, the job is dead at once: another run would
     * do the work again.
     *
     * @param name of the step: a name as that of a task
     * @param type of the result
     * @param body what to do
     * @return what the body returned, in this run or an earlier one
     * @throws X what the body throws
     * @throws IllegalStateException if an earlier run recorded another step at this place, or while another step runs
     * @throws BrokerException if the result could not be recorded, or the lease has ended
     */
    default <R extends @Nullable Object, X extends Exception> R step(String name, Class<R> type, StepBody<R, X> body)
            throws X {
        throw CurrentTask.cannotRecord();
    }

    /** As {@link #step(String, Class, StepBody)}, with a result of a generic type. */
    default <R extends @Nullable Object, X extends Exception> R step(String name, TypeRef<R> type, StepBody<R, X> body)
            throws X {
        throw CurrentTask.cannotRecord();
    }

    /** As {@link #step(String, Class, StepBody)}, without a result. */
    default <X extends Exception> void step(String name, StepAction<X> body) throws X {
        throw CurrentTask.cannotRecord();
    }

    /**
     * What a step does.
     *
     * @param <R> its result
     * @param <X> what it may throw
     */
    @FunctionalInterface
    interface StepBody<R extends @Nullable Object, X extends Exception> {

        /** Does it. */
        R run() throws X;
    }

    /**
     * What a step without a result does.
     *
     * @param <X> what it may throw
     */
    @FunctionalInterface
    interface StepAction<X extends Exception> {

        /** Does it. */
        void run() throws X;
    }

    /**
     * Records how far a loop has got, in the place of what was recorded before. One request to the broker: for a quick
     * loop, once in many rounds.
     *
     * @param cursor written as its class says, and so that it is read back as a sealed type of which it is one; the
     *     bounds are those of steps
     * @throws BrokerException if it could not be recorded, or the lease has ended
     */
    default void checkpoint(Object cursor) {
        throw CurrentTask.cannotRecord();
    }

    /** What {@link #checkpoint} recorded last, in this run or an earlier one; empty if it recorded nothing. */
    default <C> Optional<C> lastCheckpoint(Class<C> type) {
        throw CurrentTask.cannotRecord();
    }

    /**
     * Lets the job sleep: the run ends, its slot is free, and a later run passes this call. What was recorded stays. It
     * is no failure and spends no attempt of the retry policy; {@link #attempt} of the next run is one more, as after
     * every release. The time is recorded once, so a run that comes early sleeps for the rest.
     *
     * @param name as the name of a step, and recognised in the same way
     * @param duration 0 to 10 years
     * @throws TaskSignal.Snooze as long as the time is not over; let it pass
     * @throws BrokerException if it could not be recorded, or the lease has ended
     */
    default void sleep(String name, Duration duration) {
        throw CurrentTask.cannotRecord();
    }

    /**
     * How long this run may still take, until its timeout interrupts it; zero if that is over, empty if it has none. A
     * call with {@code inheritDeadline()} hands it to the job that it enqueues.
     */
    default Optional<Duration> remaining() {
        return Optional.empty();
    }

    /**
     * Says how far the run has got, for whoever looks at the job: {@code JobHandle.progress}, {@code QueueAdmin}. It is
     * sent at once, and then at most once a second, always as it is then; the last state is kept before the outcome of
     * the run. A call does not wait for the broker, except for the first one of a job's second or later run.
     *
     * @param percent 0 to 100
     * @param message what it is doing; more than 500 characters are cut
     */
    default void progress(int percent, String message) {
        throw CurrentTask.cannotRecord();
    }

    /** As {@link #progress(int, String)}, without a message. */
    default void progress(int percent) {
        progress(percent, "");
    }

    /**
     * Adds a line to the log of the job, which is kept and sent as its progress is. The newest 100 lines of all runs
     * are kept.
     *
     * @param line more than 500 characters are cut
     */
    default void log(String line) {
        throw CurrentTask.cannotRecord();
    }

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
