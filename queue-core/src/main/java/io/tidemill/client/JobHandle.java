package io.tidemill.client;

import io.tidemill.async.Answers;
import io.tidemill.task.BrokerException;
import io.tidemill.queue.CancelReply;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.text.Durations;
import io.tidemill.task.JobState;
import io.tidemill.task.TidemillException;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One job, as its producer sees it, wherever it runs.
 *
 * <p>A task that returns a value keeps it for a while (1 h unless the task says otherwise), so {@link #await} finds it
 * as long as that. A task that returns nothing keeps nothing. Whoever awaits such a job while it is there hears how it
 * ended. Whoever comes later, with the handle that {@code enqueue} gave, hears that it ended well as long as that can
 * be proved: nothing was deleted, purged or trimmed from its queue since the job was stored, and the connection to the
 * broker was not lost, by which the broker may have lost jobs. Otherwise the job is unknown; it is never taken for one
 * that ended well because it is gone.
 *
 * <p>Immutable and thread-safe.
 *
 * @param <R> what the task returns; {@code Void} if nothing
 */
public final class JobHandle<R> {

    private final Awaiter awaiter;
    private final String queue;
    private final String id;
    private final Type resultType;
    private final @Nullable String receipt;
    private final boolean isNew;

    JobHandle(Awaiter awaiter, String queue, String id, Type resultType, @Nullable String receipt, boolean isNew) {
        this.awaiter = awaiter;
        this.queue = queue;
        this.id = id;
        this.resultType = resultType;
        this.receipt = receipt;
        this.isNew = isNew;
    }

    /** The job's id: the same over all attempts. */
    public String id() {
        return id;
    }

    /**
     * Whether the call that gave this handle stored the job. False if a job with its id or its unique key was there
     * already, and this is that one's handle.
     */
    public boolean isNew() {
        return isNew;
    }

    /** The queue that the job was stored in. */
    public String queue() {
        return queue;
    }

    /**
     * Where the job is now.
     *
     * @return empty if nothing is known of it: it ended and nothing is kept, or it was never stored
     * @throws BrokerException if the broker cannot be asked
     */
    public Optional<JobState> state() {
        return ask(awaiter.find(queue, id)).map(JobSnapshot::state);
    }

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
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    public R await(Duration timeout) throws InterruptedException {
        try {
            return completion().get(Durations.check("timeout", timeout).toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            awaiter.giveUp(queue, id);
            throw e;
        } catch (TimeoutException e) {
            awaiter.giveUp(queue, id);
            throw new AwaitTimeoutException(queue, id, timeout, describeState());
        } catch (ExecutionException e) {
            throw Answers.unwrap(e);
        }
    }

    /**
     * What the task returned, if the job has ended well and the result is still kept.
     *
     * @return empty if the job has not ended, ended otherwise, or returned nothing
     * @throws BrokerException if the broker cannot be asked
     */
    public Optional<R> result() {
        Optional<JobSnapshot> job = ask(awaiter.find(queue, id));
        if (job.isEmpty() || job.get().state() != JobState.SUCCEEDED) {
            return Optional.empty();
        }
        return Optional.ofNullable(ask(completion()));
    }

    /**
     * The end of the job: completes with what the task returned, or fails as {@link #await} throws. Never completes by
     * itself while the job is neither run nor ended; give it a timeout of your own.
     */
    @SuppressWarnings("unchecked") // the task's declared result type was read into the handle when it was made
    public CompletableFuture<R> completion() {
        return (CompletableFuture<R>) awaiter.result(queue, id, resultType, receipt);
    }

    /**
     * Cancels the job. One that has not started does not run any more. One that runs is interrupted, and
     * {@code TaskContext.isCancelled()} becomes true; it ends as cancelled unless it returns all the same.
     *
     * @throws BrokerException if the broker cannot be asked
     */
    public CancelReply cancel() {
        return ask(awaiter.cancel(queue, id));
    }

    @Override
    public String toString() {
        return "job " + id + " in queue " + queue;
    }

    private String describeState() {
        try {
            return state().map(state -> state.name().toLowerCase(Locale.ROOT)).orElse("not known any more");
        } catch (TidemillException e) {
            return "not known, as the broker does not answer";
        }
    }

    private <V> V ask(CompletableFuture<V> answer) {
        return Answers.of(answer, "about " + this);
    }
}
