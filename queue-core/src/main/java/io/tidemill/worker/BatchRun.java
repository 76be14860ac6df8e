package io.tidemill.worker;

import io.tidemill.task.Batch;
import io.tidemill.task.TaskContext;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One execution of a batch task's method, for several runs. They {@link #join} it one after the other, through their
 * interceptors; then the method runs once. Its thread is interrupted when it is inside the method and nobody waits for
 * an answer any more.
 *
 * <p>Runs join, and the method runs, on one thread. The rest is thread-safe.
 */
final class BatchRun {

    /** What runs for one item; null for no result. */
    private interface ItemCode {
        @Nullable
        Object run(Object value) throws Exception;
    }

    private final TaskBinding binding;
    private final ReentrantLock lock = new ReentrantLock();
    /** Replaced and not changed. Written by the one thread before the method runs. */
    private volatile List<BatchEntry> entries = List.of();
    /** The thread that is inside the method; null before and after. Guarded by the lock. */
    private @Nullable Thread thread;
    /** Whether the thread was interrupted while it was inside. Guarded by the lock. */
    private boolean isInterrupted;

    BatchRun(TaskBinding binding) {
        this.binding = binding;
    }

    /**
     * The run takes part, with this argument. Gives the stage that its answer completes; the same one to a second call.
     */
    CompletableFuture<@Nullable Object> join(Run run, @Nullable Object value) {
        for (BatchEntry entry : entries) {
            if (entry.run() == run) {
                return entry.stage();
            }
        }
        BatchEntry entry = new BatchEntry(run, value, this::interruptIfUseless);
        List<BatchEntry> more = new ArrayList<>(entries);
        more.add(entry);
        entries = more;
        return entry.stage();
    }

    /** The run has ended before the method ran, as one whose interceptor threw. Gives whether it took part. */
    boolean leave(Run run) {
        List<BatchEntry> before = entries;
        entries = before.stream().filter(entry -> entry.run() != run).toList();
        return entries.size() < before.size();
    }

    /** Runs the method. Every run that takes part has an answer then. Throws nothing that the method throws. */
    void execute() {
        leaveOutInterrupted();
        if (entries.isEmpty()) {
            return;
        }
        Throwable thrown = null;
        try {
            LogContext.withinBatch(
                    binding.definition().name(),
                    entries.size(),
                    () -> invoke(binding.definition().hasResult()));
        } catch (Throwable t) {
            thrown = t;
        }
        answerRest(thrown);
    }

    /** Runs that were interrupted before the method has seen them end without it. */
    private void leaveOutInterrupted() {
        for (BatchEntry entry : entries) {
            if (entry.isInterrupted()) {
                leave(entry.run());
                entry.fail(new InterruptedException("interrupted before its batch ran"));
            }
        }
    }

    private void invoke(boolean hasResults) throws Throwable {
        enter();
        try {
            binding.invokeBatch(hasResults ? new WithResults() : new WithoutResults());
        } finally {
            exit();
        }
    }

    private void answerRest(@Nullable Throwable thrown) {
        for (BatchEntry entry : entries) {
            if (thrown != null) {
                entry.fail(thrown);
            } else if (!binding.definition().hasResult()) {
                entry.succeed();
            } else if (!entry.isAnswered()) {
                entry.fail(new IllegalStateException(binding.definition().signature()
                        + " returned and gave this item no result; call succeed or fail for each item"));
            }
        }
    }

    private void enter() {
        lock.lock();
        try {
            thread = Thread.currentThread();
        } finally {
            lock.unlock();
        }
        interruptIfUseless();
    }

    /** Clears an interrupt that came too late. */
    private void exit() {
        lock.lock();
        try {
            thread = null;
            Thread.interrupted();
        } finally {
            lock.unlock();
        }
    }

    /** Once: code that cleans up would never end. */
    private void interruptIfUseless() {
        lock.lock();
        try {
            if (thread != null && !isInterrupted && isUseless()) {
                isInterrupted = true;
                thread.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether there are items without an answer, and nobody waits for those. */
    private boolean isUseless() {
        boolean isUseless = false;
        for (BatchEntry entry : entries) {
            if (!entry.isAnswered()) {
                if (!entry.isInterrupted()) {
                    return false;
                }
                isUseless = true;
            }
        }
        return isUseless;
    }

    private void each(ItemCode code) {
        for (BatchEntry entry : entries) {
            if (!entry.isAnswered()) {
                answer(entry, code);
            }
        }
    }

    private static void answer(BatchEntry entry, ItemCode code) {
        try {
            if (entry.isInterrupted()) {
                throw new InterruptedException("interrupted while others of its batch ran");
            }
            LogContext.within(
                    entry.run(), () -> entry.succeed(TaskContext.callWith(entry.run(), () -> code.run(entry.value()))));
        } catch (Error e) {
            throw e;
        } catch (Throwable thrown) {
            entry.fail(thrown);
        }
    }

    /** What a method sees whose items have no result. */
    private final class WithoutResults implements Batch<Object> {

        @Override
        public List<Batch.Item<Object>> items() {
            return List.copyOf(entries);
        }

        @Override
        public void each(Batch.Code<? super Object> code) {
            BatchRun.this.each(value -> {
                code.run(value);
                return null;
            });
        }
    }

    /** What a method sees whose items have results. */
    private final class WithResults implements Batch.WithResults<Object, @Nullable Object> {

        @Override
        public List<Batch.ItemWithResult<Object, @Nullable Object>> items() {
            return List.copyOf(entries);
        }

        @Override
        public void each(Batch.CodeWithResult<? super Object, ? extends @Nullable Object> code) {
            BatchRun.this.each(code::run);
        }
    }
}
