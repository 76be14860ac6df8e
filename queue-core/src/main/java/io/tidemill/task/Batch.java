package io.tidemill.task;

import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Several jobs of one task that run together: the one parameter of a batch task. Each of them is an ordinary job with
 * one argument, of type {@code T}: it is enqueued alone, has a lease and a slot of its own, and succeeds or fails
 * alone.
 *
 * <pre>{@code
 * @Task(queue = "mail", batch = @BatchSize(max = 50, within = "2s"))
 * public void sendAll(Batch<Mail> batch) {
 *     Map<String, Reply> replies = provider.send(batch.values());
 *     for (Batch.Item<Mail> item : batch) {
 *         Reply reply = replies.get(item.value().id());
 *         if (!reply.isAccepted()) {
 *             item.fail(new IOException(reply.reason()));
 *         }
 *     }
 * }
 *
 * queue.enqueue(item(MailTasks::sendAll, mail));
 * }</pre>
 *
 * <p>The answer to an item counts as what a method does that runs the job alone: a failure is tried again by the task's
 * policy, a {@link TaskSignal} is followed. The first answer counts, and its job ends at once, while the method goes
 * on. When the method returns, items without an answer succeed. When it throws, they fail with what it threw.
 *
 * <p>A task whose jobs have results takes a {@link WithResults}.
 *
 * <p>While the method runs, {@link TaskContext#current} belongs to no job: {@link Item#context} does, and {@link #each}
 * makes it the current one. The thread is interrupted when nobody waits for an answer any more: each item that has none
 * was cancelled, took longer than its timeout, lost its lease, or is to go back because the worker stops.
 *
 * <p>Implemented by Tidemill; methods may be added. The list of items does not change. Thread-safe: any thread may
 * answer an item, as long as the method has not returned.
 *
 * @param <T> what each job was enqueued with
 */
public interface Batch<T> extends Iterable<Batch.Item<T>> {

    /** The items, at least one. Their order says nothing. */
    List<Item<T>> items();

    /** How many items there are. */
    default int size() {
        return items().size();
    }

    /** The values of all items, in the order of the items. */
    default List<T> values() {
        return items().stream().map(Entry::value).toList();
    }

    @Override
    default Iterator<Item<T>> iterator() {
        return items().iterator();
    }

    /**
     * Runs code for one item after the other, each in its own context, and named in the log context as a job that runs
     * alone is. An item succeeds when its code returns and fails with an exception that its code throws. Items that
     * have an answer are left out. Items that were interrupted meanwhile end as interrupted ones, without their code.
     * An {@code Error} is not caught: it fails all items that have no answer.
     */
    void each(Code<? super T> code);

    /**
     * What is the same of all items: the value, the job, and how it fails.
     *
     * @param <T> what the job was enqueued with
     */
    interface Entry<T> {

        /** What the job was enqueued with; null if that was null. */
        T value();

        /** The job: its id, headers and attempt, and whether it was cancelled. */
        TaskContext context();

        /**
         * The job has failed with this. A {@link TaskSignal} says what is to follow.
         *
         * @return false if it had an answer before, which counts
         */
        boolean fail(Throwable reason);

        /** Whether it has an answer. */
        boolean isAnswered();
    }

    /**
     * One job of a batch, which has no result.
     *
     * @param <T> what it was enqueued with
     */
    interface Item<T> extends Entry<T> {

        /**
         * The job has succeeded.
         *
         * @return false if it had an answer before, which counts
         */
        boolean succeed();
    }

    /**
     * One job of a batch, which has a result.
     *
     * @param <T> what it was enqueued with
     * @param <R> its result
     */
    interface ItemWithResult<T, R extends @Nullable Object> extends Entry<T> {

        /**
         * The job has succeeded with this result, which is written later and on another thread: do not change it any
         * more.
         *
         * @return false if it had an answer before, which counts
         */
        boolean succeed(R result);
    }

    /**
     * What {@link Batch#each} runs for an item.
     *
     * @param <T> what the job was enqueued with
     */
    @FunctionalInterface
    interface Code<T> {

        /** Runs it. */
        void run(T value) throws Exception;
    }

    /**
     * What {@link WithResults#each} runs for an item.
     *
     * @param <T> what the job was enqueued with
     * @param <R> its result
     */
    @FunctionalInterface
    interface CodeWithResult<T, R extends @Nullable Object> {

        /** Runs it and gives the result. */
        R run(T value) throws Exception;
    }

    /**
     * A {@link Batch} of jobs that have results. The method still returns nothing: each item gets its own result. An
     * item that has none when the method returns has failed, with that reason.
     *
     * @param <T> what each job was enqueued with
     * @param <R> the result of each job
     */
    interface WithResults<T, R extends @Nullable Object> extends Iterable<ItemWithResult<T, R>> {

        /** The items, at least one. Their order says nothing. */
        List<ItemWithResult<T, R>> items();

        /** How many items there are. */
        default int size() {
            return items().size();
        }

        /** The values of all items, in the order of the items. */
        default List<T> values() {
            return items().stream().map(Entry::value).toList();
        }

        @Override
        default Iterator<ItemWithResult<T, R>> iterator() {
            return items().iterator();
        }

        /** As {@link Batch#each}; what the code returns is the result of the item. */
        void each(CodeWithResult<? super T, ? extends R> code);
    }
}
