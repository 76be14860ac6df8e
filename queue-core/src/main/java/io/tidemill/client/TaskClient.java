package io.tidemill.client;

import io.tidemill.lint.CheckReturnValue;
import io.tidemill.queue.RescheduleReply;
import io.tidemill.task.TaskMethod;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The sending half: asks for tasks to be run. Each {@code enqueue} returns when the job is stored, and throws when it
 * is not:
 *
 * <ul>
 *   <li>{@link io.tidemill.task.PayloadException}: the arguments cannot be written, or are too large
 *   <li>{@link UnknownTaskException}: no such task is registered here
 *   <li>{@link IllegalArgumentException}: not a reference to a task method, or a value out of range
 *   <li>{@link DuplicateJobException}: another job holds its unique key, and the call asked to be refused then
 *   <li>{@link io.tidemill.task.BrokerException}: the broker refused it, or did not answer in time
 * </ul>
 *
 * <p>After all but an unanswered request nothing was stored. An unanswered one may have been stored and may even have
 * run: enqueue again with the same {@link Call#id} and it is stored once, unless the first has ended by then with
 * nothing kept.
 *
 * <p>A method reference takes up to four arguments here; {@link TaskRef#task} takes more, and its compile errors are
 * shorter.
 *
 * <p>Thread-safe.
 */
@SuppressWarnings("overloads") // exact method references tell value from void; tried on 17 and 25
public interface TaskClient {

    /** Stores a job and waits until it is stored. */
    <R extends @Nullable Object> JobHandle<R> enqueue(JobRequest<R> request);

    /**
     * Stores a job without waiting. Many at a time go out together, so this is the fast way to enqueue from one thread.
     * Waits only while the buffer of unanswered requests is full.
     *
     * @return the handle once the job is stored; fails as {@link #enqueue(JobRequest)} throws
     */
    <R extends @Nullable Object> CompletableFuture<JobHandle<R>> enqueueAsync(JobRequest<R> request);

    /**
     * Stores many jobs and waits until they are stored: the fastest way to enqueue what is at hand. They go in slices
     * of up to 1,000 requests and 1 MiB; within a slice the jobs of one queue are stored all or none. Order is kept,
     * and everything that one request may ask for works here, too.
     *
     * <p>A request that is not stored because another job has its id or its unique key gets that job's handle, and
     * {@link JobHandle#isNew} is false. So it is, too, for a unique key that asks to be refused.
     *
     * @return a handle for each request, in their order
     * @throws BulkException if a request is wrong, before anything of its slice is sent, or if the broker does not take
     *     a slice, or one queue's part of it; says which requests are done, and which remain
     */
    <R extends @Nullable Object> List<JobHandle<R>> enqueueAll(Collection<? extends JobRequest<? extends R>> requests);

    /**
     * Stores any number of jobs in bounded memory: as {@link #enqueueAll(Collection)}, but the requests are drawn from
     * the stream as they are needed, and only two slices are held at a time. Closing the stream stays with the caller.
     *
     * @param each is given the handle of each request, in their order, on this thread, once its slice is stored
     * @return how many there were of which kind
     * @throws BulkException as above; whatever the stream itself throws counts as a request that is wrong
     */
    <R extends @Nullable Object> BulkCounts enqueueAll(
            Stream<? extends JobRequest<? extends R>> requests, Consumer<? super JobHandle<R>> each);

    /** Stores any number of jobs in bounded memory, and only counts them. */
    default BulkCounts enqueueAll(Stream<? extends JobRequest<?>> requests) {
        return enqueueAll(requests, handle -> {});
    }

    /**
     * Checks a call, gives its job an id and writes it, and stores nothing: for an outbox, or for whoever stores it
     * later. Does all the checks that {@code enqueue} does, and throws as it does; the broker is not asked.
     */
    @CheckReturnValue
    PreparedJob prepare(Call<?> call);

    /**
     * Writes a job like one that was prepared before, perhaps by another process, and stores nothing. It has the
     * pattern's task, queue, priority, headers, timeout, retry policy, unique key, group and expiry. It is due at once,
     * whatever delay the pattern has, and its expiry counts from now. Neither the task nor its class need be known
     * here, and interceptors of sending are not called again. The limit of its size holds for new arguments only: those
     * of the pattern were checked where it was prepared.
     *
     * @param pattern the prepared job
     * @param id the id of the new job
     * @param arguments its arguments; none for those of the pattern
     * @throws io.tidemill.message.MissingKeyException if the pattern's arguments are needed and are sealed with a key
     *     that is not here
     */
    @CheckReturnValue
    PreparedJob prepareLike(PreparedJob pattern, String id, @Nullable Object... arguments);

    /**
     * Stores a job once the transaction of this thread has been committed, and never if it is rolled back; at once if
     * there is no transaction. The call is checked and written now, so that what is wrong with it is thrown within the
     * transaction.
     *
     * <p>Between the commit and the request to the broker the process may die, or the broker may not answer; then the
     * job is not stored although the transaction was committed. Where that must not happen, keep
     * {@link PreparedJob#toBytes} in a table within the transaction and enqueue from there.
     *
     * @return what will be stored; its id is known already
     * @throws IllegalStateException if the queue was built without {@code transactions(...)}
     */
    PreparedJob enqueueAfterCommit(Call<?> call);

    /**
     * Gives a job that no worker has taken yet and that is not due yet the task, arguments, headers, timeout and retry
     * policy of this call, and its delay or time, in one step. It keeps its id, queue, priority, group, unique key and
     * expiry, so a call that asks for one of these is refused. Without a delay or time the job is due at once.
     *
     * @return whether it was changed, and if not, why
     * @throws IllegalArgumentException if the call asks for what the job keeps
     */
    <R extends @Nullable Object> RescheduleReply reschedule(JobHandle<R> job, Call<? extends R> call);

    /**
     * A job that was enqueued earlier, perhaps by another process. What its task returns is not known to this handle: a
     * value is read without a declared type, and {@code await} gives null for a task that returns nothing, and also for
     * a kept job whose result is not kept any longer. {@link #job(TaskRef, String)} knows the type, and tells the two
     * apart.
     *
     * @param queue the queue that it was enqueued in
     * @param id its id
     */
    JobHandle<@Nullable Object> job(String queue, String id);

    /**
     * A job of this task that was enqueued earlier, perhaps by another process.
     *
     * @param queue the queue that it was enqueued in
     * @param id its id
     */
    <R extends @Nullable Object> JobHandle<R> job(TaskRef<R> task, String queue, String id);

    /** A job of this task that was enqueued earlier in the task's own queue, perhaps by another process. */
    <R extends @Nullable Object> JobHandle<R> job(TaskRef<R> task, String id);

    /**
     * Waits until all these jobs have ended, or for so long. All are waited for at the same time, with one subscription
     * per queue. One that fails hides none of the others.
     *
     * <pre>{@code
     * for (Awaited<Receipt> each : queue.awaitAll(jobs, Duration.ofMinutes(1))) {
     *     each.exception().ifPresent(why -> log.warn("{} gave nothing", each.job(), why));
     * }
     * }</pre>
     *
     * @param jobs their handles; of any number of queues and tasks
     * @param timeout the longest wait for all of them together, 0 to 10 years. A job that has not ended by then is in
     *     the list with an {@link AwaitTimeoutException}; it goes on
     * @return what became of each, in the order of the handles
     * @throws IllegalStateException if a task awaits, in its own run, a job that cannot start before that run has
     *     ended, see {@link JobHandle#await}
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    <R extends @Nullable Object> List<Awaited<R>> awaitAll(
            Collection<? extends JobHandle<? extends R>> jobs, Duration timeout) throws InterruptedException;

    /**
     * Stores a job of the task with this name: for producers that do not have its class. See {@link Call#named} for the
     * queue that it goes to.
     */
    default JobHandle<Object> enqueue(String task, @Nullable Object... arguments) {
        return enqueue(Call.named(task, arguments));
    }

    /** Stores a job of a task that returns a value. */
    default <T, R extends @Nullable Object> JobHandle<R> enqueue(TaskMethod.Value0<T, R> method) {
        return enqueue(Call.call(method));
    }

    /** Stores a job of a task that returns nothing. */
    default <T> JobHandle<@Nullable Void> enqueue(TaskMethod.Void0<T> method) {
        return enqueue(Call.call(method));
    }

    /** Stores a job of a task that returns a stage. The result is what the stage completes with. */
    default <T, R extends @Nullable Object> JobHandle<R> enqueue(TaskMethod.Async0<T, R> method) {
        return enqueue(Call.call(method));
    }

    /** Stores a job of a task that returns a value. */
    default <T, A, R extends @Nullable Object> JobHandle<R> enqueue(TaskMethod.Value1<T, A, R> method, A a) {
        return enqueue(Call.call(method, a));
    }

    /** Stores a job of a task that returns nothing. */
    default <T, A> JobHandle<@Nullable Void> enqueue(TaskMethod.Void1<T, A> method, A a) {
        return enqueue(Call.call(method, a));
    }

    /** Stores a job of a task that returns a stage. The result is what the stage completes with. */
    default <T, A, R extends @Nullable Object> JobHandle<R> enqueue(TaskMethod.Async1<T, A, R> method, A a) {
        return enqueue(Call.call(method, a));
    }

    /** Stores a job of a task that returns a value. */
    default <T, A, B, R extends @Nullable Object> JobHandle<R> enqueue(TaskMethod.Value2<T, A, B, R> method, A a, B b) {
        return enqueue(Call.call(method, a, b));
    }

    /** Stores a job of a task that returns nothing. */
    default <T, A, B> JobHandle<@Nullable Void> enqueue(TaskMethod.Void2<T, A, B> method, A a, B b) {
        return enqueue(Call.call(method, a, b));
    }

    /** Stores a job of a task that returns a stage. The result is what the stage completes with. */
    default <T, A, B, R extends @Nullable Object> JobHandle<R> enqueue(TaskMethod.Async2<T, A, B, R> method, A a, B b) {
        return enqueue(Call.call(method, a, b));
    }

    /** Stores a job of a task that returns a value. */
    default <T, A, B, C, R extends @Nullable Object> JobHandle<R> enqueue(
            TaskMethod.Value3<T, A, B, C, R> method, A a, B b, C c) {
        return enqueue(Call.call(method, a, b, c));
    }

    /** Stores a job of a task that returns nothing. */
    default <T, A, B, C> JobHandle<@Nullable Void> enqueue(TaskMethod.Void3<T, A, B, C> method, A a, B b, C c) {
        return enqueue(Call.call(method, a, b, c));
    }

    /** Stores a job of a task that returns a stage. The result is what the stage completes with. */
    default <T, A, B, C, R extends @Nullable Object> JobHandle<R> enqueue(
            TaskMethod.Async3<T, A, B, C, R> method, A a, B b, C c) {
        return enqueue(Call.call(method, a, b, c));
    }

    /** Stores a job of a task that returns a value. */
    default <T, A, B, C, D, R extends @Nullable Object> JobHandle<R> enqueue(
            TaskMethod.Value4<T, A, B, C, D, R> method, A a, B b, C c, D d) {
        return enqueue(Call.call(method, a, b, c, d));
    }

    /** Stores a job of a task that returns nothing. */
    default <T, A, B, C, D> JobHandle<@Nullable Void> enqueue(
            TaskMethod.Void4<T, A, B, C, D> method, A a, B b, C c, D d) {
        return enqueue(Call.call(method, a, b, c, d));
    }

    /** Stores a job of a task that returns a stage. The result is what the stage completes with. */
    default <T, A, B, C, D, R extends @Nullable Object> JobHandle<R> enqueue(
            TaskMethod.Async4<T, A, B, C, D, R> method, A a, B b, C c, D d) {
        return enqueue(Call.call(method, a, b, c, d));
    }
}
