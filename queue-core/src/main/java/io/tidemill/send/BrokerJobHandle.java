package io.tidemill.send;

import io.tidemill.async.Answers;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.client.AwaitTimeoutException;
import io.tidemill.client.JobHandle;
import io.tidemill.client.UnknownJobException;
import io.tidemill.queue.CancelReply;
import io.tidemill.queue.Enqueued;
import io.tidemill.queue.JobProgress;
import io.tidemill.task.BrokerException;
import io.tidemill.task.JobState;
import io.tidemill.task.PayloadException;
import io.tidemill.text.Durations;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A job that the broker is asked about.
 *
 * <p>Immutable and thread-safe.
 */
final class BrokerJobHandle<R extends @Nullable Object> implements JobHandle<R> {

    /** How long the state is asked for after {@link #await} has timed out. */
    private static final long STATE_MILLIS = 100;
    /** How often the progress is asked for. */
    private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();

    private final Awaiter awaiter;
    private final String queue;
    private final String id;
    private final Type resultType;
    private final @Nullable String receipt;
    private final Enqueued enqueued;

    BrokerJobHandle(
            Awaiter awaiter, String queue, String id, Type resultType, @Nullable String receipt, Enqueued enqueued) {
        this.awaiter = awaiter;
        this.queue = queue;
        this.id = id;
        this.resultType = resultType;
        this.receipt = receipt;
        this.enqueued = enqueued;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public Enqueued enqueued() {
        return enqueued;
    }

    @Override
    public String queue() {
        return queue;
    }

    @Override
    public Optional<JobState> state() {
        return ask(awaiter.find(queue, id)).map(JobSnapshot::state);
    }

    @Override
    public R await(Duration timeout) throws InterruptedException {
        return guarded(timeout, nanos -> end(completion(), timeout, nanos));
    }

    @Override
    public R await(Duration timeout, Consumer<? super JobProgress> each) throws InterruptedException {
        return guarded(timeout, nanos -> end(timeout, nanos, each));
    }

    private interface Wait<R extends @Nullable Object> {
        R forNanos(long nanos) throws InterruptedException;
    }

    /** A wait that is refused if it cannot end, and counted if it is that of a run. */
    private R guarded(Duration timeout, Wait<R> wait) throws InterruptedException {
        long nanos = Durations.check("timeout", timeout).toNanos();
        long begun = awaiter.nanos();
        AwaitGuard guard = awaiter.guard();
        boolean isCounted = guard.enter(awaiter, List.of(this), nanos);
        try {
            return wait.forNanos(Math.max(0, nanos - (awaiter.nanos() - begun)));
        } finally {
            if (isCounted) {
                guard.leave();
            }
        }
    }

    private R end(Duration timeout, long nanos, Consumer<? super JobProgress> each) throws InterruptedException {
        long begun = awaiter.nanos();
        CompletableFuture<R> end = completion();
        Optional<JobProgress> shown = Optional.empty();
        boolean isOver = false;
        try {
            while (!isOver) {
                long left = nanos - (awaiter.nanos() - begun);
                isOver = left <= 0 || isOver(end, Math.min(left, LOOK_NANOS));
                // When it is over once more: the last state is stored before the end.
                Optional<JobProgress> now = progressIfKnown();
                if (isNewer(now, shown)) {
                    each.accept(now.get());
                    shown = now;
                }
            }
        } catch (Throwable t) {
            awaiter.giveUp(queue, id);
            throw t;
        }
        return end(end, timeout, 0);
    }

    private static boolean isNewer(Optional<JobProgress> now, Optional<JobProgress> shown) {
        return now.isPresent() && (shown.isEmpty() || now.get().isNewerThan(shown.get()));
    }

    /** Whether it ends within this time. */
    private boolean isOver(CompletableFuture<R> end, long nanos) throws InterruptedException {
        try {
            awaiter.get(end, nanos);
            return true;
        } catch (ExecutionException e) {
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }

    private Optional<JobProgress> progressIfKnown() {
        try {
            return progress();
        } catch (BrokerException | PayloadException e) {
            // The next look asks again, and the outcome of the job counts more.
            return Optional.empty();
        }
    }

    @Override
    public Optional<JobProgress> progress() {
        return ask(awaiter.progress(queue, id));
    }

    private R end(CompletableFuture<R> end, Duration timeout, long nanos) throws InterruptedException {
        try {
            return awaiter.get(end, nanos);
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

    @Override
    public Optional<R> result() {
        Optional<JobSnapshot> job = ask(awaiter.find(queue, id));
        if (job.isEmpty() || job.get().state() != JobState.SUCCEEDED) {
            return Optional.empty();
        }
        try {
            return Optional.ofNullable(ask(completion()));
        } catch (UnknownJobException e) {
            // The job is kept longer than its result.
            return Optional.empty();
        }
    }

    @Override
    @SuppressWarnings("unchecked") // the task's declared result type was read into the handle when it was made
    public CompletableFuture<R> completion() {
        return (CompletableFuture<R>) awaiter.result(queue, id, resultType, receipt);
    }

    @Override
    public CancelReply cancel() {
        return ask(awaiter.cancel(queue, id));
    }

    @Override
    public String toString() {
        return "job " + id + " in queue " + queue;
    }

    /** For the text of an exception: a caller who has waited long enough does not wait for it. */
    private String describeState() throws InterruptedException {
        return describe(awaiter.find(queue, id), STATE_MILLIS);
    }

    /** What is said of a job that had not ended in time, if this look at it is answered in so many milliseconds. */
    static String describe(CompletableFuture<Optional<JobSnapshot>> look, long millis) throws InterruptedException {
        try {
            return look.get(millis, TimeUnit.MILLISECONDS)
                    .map(BrokerJobHandle::described)
                    .orElse("it is not known any more");
        } catch (TimeoutException | ExecutionException e) {
            return "its state is not known, as the broker does not answer";
        }
    }

    private static String described(JobSnapshot job) {
        String state = "it is " + job.state().name().toLowerCase(Locale.ROOT);
        return job.state() == JobState.SUCCEEDED
                ? state + ", but its result could not be read in that time; await it again"
                : state + "; it goes on, await it again or cancel it";
    }

    private <V> V ask(CompletableFuture<V> answer) {
        return awaiter.ask(answer, this);
    }
}
