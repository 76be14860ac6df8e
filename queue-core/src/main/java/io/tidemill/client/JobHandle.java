package io.tidemill.client;

import io.tidemill.queue.CancelReply;
import io.tidemill.queue.Enqueued;
import io.tidemill.queue.JobProgress;
import io.tidemill.task.BrokerException;
import io.tidemill.task.JobState;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One job, as its producer sees it, wherever it runs.
 *
 * <p>A task that returns a value keeps it for a while (1 h unless the task says otherwise), so {@link #await} finds it
 * as long as that. A task that returns nothing keeps nothing. A caller that awaits such a job while the broker still
 * has it gets its outcome. A caller that comes later needs the handle that {@code enqueue} gave, and a proof that the
 * job succeeded: nothing was deleted, purged or trimmed from its queue since it was stored, and the connection to the
 * broker was not lost in the meantime. Without that proof the job is unknown. A job is never taken for one that
 * succeeded only because it is gone.
 *
 * <p>An interface, so that a test can give its own. Those of Tidemill are immutable and thread-safe.
 *
 * @param <R> what the task returns; {@code Void} if nothing
 */
public interface JobHandle<R extends @Nullable Object> {

    /** The job's id: the same over all attempts. */
    String id();

    /**
     * Whether the call that gave this handle stored the job. False if a job with its id or its unique key was there
     * already, and this is that one's handle; or if a schedule was to store it and has changed or fired since.
     */
    default boolean isNew() {
        return enqueued() == Enqueued.NEW;
    }

    /** What became of the call that gave this handle; {@code EXISTING} for one that was looked up. */
    Enqueued enqueued();

    /** The queue that the job was stored in. */
    String queue();

    /**
     * Where the job is now.
     *
     * @return empty if nothing is known of it: it ended and nothing is kept, or it was never stored
     * @throws BrokerException if the broker cannot be asked
     */
    Optional<JobState> state();

    /**
     * Waits until the job has ended and returns what the task returned; null for a task that returns nothing.
     *
     * @param timeout the longest wait, 0 to 10 years
     * @throws JobFailedException if the job is dead
     * @throws JobCancelledException if the job was cancelled
     * @throws JobExpiredException if the job had not started in time
     * @throws AwaitTimeoutException if it had not ended in time; the message says where it is
     * @throws UnknownJobException if nothing is known of it: it was deleted, purged, trimmed or lost; its result is no
     *     longer kept; or its task keeps none, and there is no proof that it ended well
     * @throws IllegalStateException if a task awaits, in its own run, a job that cannot start before that run has
     *     ended: itself, or one behind a limit of one job at a time under which it runs. Where all slots of the process
     *     are held by runs that await, that is logged
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    R await(Duration timeout) throws InterruptedException;

    /**
     * As {@link #await(Duration)}, and gives what the task says of its progress on the way: as it is now, each change,
     * and as it is at the end. Changes that follow one another within a second may be given as one. It is called on the
     * thread that waits, and what it throws ends the wait.
     *
     * @param each given the progress
     */
    default R await(Duration timeout, Consumer<? super JobProgress> each) throws InterruptedException {
        return await(timeout);
    }

    /**
     * How far the job has got, as its task says by {@code TaskContext.progress} and {@code TaskContext.log}; also after
     * its end, as long as that is kept.
     *
     * @return empty if the task has said nothing, or it is no longer kept
     * @throws BrokerException if the broker cannot be asked, or keeps no progress
     */
    default Optional<JobProgress> progress() {
        return Optional.empty();
    }

    /**
     * What the task returned, if the job has ended well and the result is still kept.
     *
     * @return empty if the job has not ended, ended otherwise, or returned nothing
     * @throws BrokerException if the broker cannot be asked
     */
    Optional<R> result();

    /**
     * The end of the job: completes with what the task returned, or fails as {@link #await} throws. Never completes by
     * itself while the job is neither run nor ended; give it a timeout of your own.
     */
    CompletableFuture<R> completion();

    /**
     * Cancels the job. One that has not started does not run any more. One that runs is interrupted, and
     * {@code TaskContext.isCancelled()} becomes true; it ends as cancelled unless it returns all the same.
     *
     * @throws BrokerException if the broker cannot be asked
     */
    CancelReply cancel();
}
