package io.tidemill.worker;

import io.tidemill.async.Safely;
import io.tidemill.lifecycle.ThreadlessClock;
import io.tidemill.task.BatchOptions;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Collects the runs of one batch task in this worker until a batch begins: it is full, its first run has waited for
 * long enough, or no more runs can come because those that wait for batches, of any task, hold all slots. Runs wait
 * without a thread and hold their slots. A job whose lease has ended before is not put together with others, which it
 * might take along when it ends its process.
 *
 * <p>When an error of the machine, as a full heap, keeps it from looking at the line again, all that wait are given
 * back to the broker.
 *
 * <p>On a clock without threads nothing is waited for: a batch takes what is due at one instant.
 *
 * <p>Thread-safe. Never blocks.
 */
final class Gatherer {

    /**
     * A run that waits for its batch.
     *
     * @param arguments what it was enqueued with
     * @param limit how long it may take, counted from when the batch begins; null for no limit
     * @param dueNanos when its batch begins at the latest, if a batch may begin at all
     */
    record Waiting(
            Run run, @Nullable Object[] arguments, @Nullable Duration limit, long dueNanos) {}

    /** What is done with the runs. */
    interface Ways {

        /** Begins a batch, on this thread. Throws nothing. */
        void begin(TaskBinding binding, List<Waiting> runs);

        /** Ends a run that does not begin any more. */
        void notBegun(Run run);

        /** Gives a run back, for which there is no thread or no memory. */
        void giveBack(Run run);
    }

    private final TaskBinding binding;
    private final int max;
    private final RunsInLine inLine;
    private final long withinNanos;
    private final Clock clock;
    private final ObjLongConsumer<Runnable> later;
    private final Ways ways;

    private final ReentrantLock lock = new ReentrantLock();
    /** In the order of their coming, which is that of their due times. Guarded by the lock. */
    private final Deque<Waiting> line = new ArrayDeque<>();
    /** Those that run alone. Guarded by the lock. */
    private final Deque<Waiting> suspects = new ArrayDeque<>();
    /** Whether a look at the line is planned. Guarded by the lock. */
    private boolean isPlanned;

    /**
     * A gatherer of a batch task.
     *
     * @param inLine the runs of this worker that wait for a batch
     * @param later runs something after so many nanoseconds, on a thread that must not run user code
     */
    Gatherer(TaskBinding binding, RunsInLine inLine, Clock clock, ObjLongConsumer<Runnable> later, Ways ways) {
        BatchOptions size = Objects.requireNonNull(binding.definition().batch());
        this.binding = binding;
        this.inLine = inLine;
        this.max = size.max();
        this.withinNanos = clock instanceof ThreadlessClock ? 0 : size.within().toNanos();
        this.clock = clock;
        this.later = later;
        this.ways = ways;
    }

    /** The run waits for its batch, which may begin on this thread. Returns false if it must not begin any more. */
    boolean add(Run run, @Nullable Object[] arguments, @Nullable Duration limit) {
        Waiting added = new Waiting(run, arguments, limit, clock.nanos() + withinNanos);
        List<Waiting> batch;
        try {
            lock.lock();
            try {
                // Within the lock: whoever wants it to leave the line then finds it there.
                if (!run.awaitBatch(() -> leaveLine(added))) {
                    return false;
                }
                enter(added);
                batch = isFull() ? next() : null;
                if (batch == null) {
                    plan();
                }
            } finally {
                lock.unlock();
            }
        } catch (Throwable t) {
            giveBackOthers(run);
            throw t;
        }
        if (batch != null) {
            ways.begin(binding, batch);
        }
        return true;
    }

    /** Called under the lock. */
    private void enter(Waiting added) {
        Safely.reserveStackToUndo();
        (added.run().claim().lostLeases() > 0 ? suspects : line).add(added);
        inLine.entered(added.run().queue());
    }

    /** Whether the next batch gets no other run, however long it waits. Called under the lock. */
    private boolean isFull() {
        Waiting first = line.peek();
        return !suspects.isEmpty()
                || (first != null
                        && (line.size() >= max
                                || inLine.holdAllSlots(first.run().queue())));
    }

    /** Takes the next batch out of the line; null if there is none, or no place for it. Called under the lock. */
    private @Nullable List<Waiting> next() {
        Deque<Waiting> from = suspects.isEmpty() ? line : suspects;
        int count = from == suspects ? 1 : Math.min(max, line.size());
        List<Waiting> batch = new ArrayList<>(count);
        Semaphore places = binding.places();
        Runnable leave = places == null ? null : leaving(places, count);
        Safely.reserveStackToUndo();
        if (count == 0 || (places != null && !places.tryAcquire())) {
            return null;
        }
        // From here on nothing is allocated, and there is stack enough: no run is taken out of the line and lost.
        for (int i = 0; i < count; i++) {
            Waiting taken = from.remove();
            inLine.left(taken.run().queue());
            if (leave != null) {
                taken.run().takePlace(leave);
            }
            batch.add(taken);
        }
        return batch;
    }

    /** What each run of a batch does when it ends: the last one gives back the place of all. */
    private Runnable leaving(Semaphore places, int runs) {
        AtomicInteger left = new AtomicInteger(runs);
        return () -> {
            if (left.decrementAndGet() == 0) {
                places.release();
                look();
            }
        };
    }

    /** Plans a look for when the first run has waited for long enough, unless one is planned. Called under the lock. */
    private void plan() {
        Waiting first = line.peek();
        if (first != null && !isPlanned) {
            later.accept(this::lookAsPlanned, Math.max(0, first.dueNanos() - clock.nanos()));
            isPlanned = true;
        }
    }

    private void lookAsPlanned() {
        lock.lock();
        try {
            isPlanned = false;
        } finally {
            lock.unlock();
        }
        look();
    }

    /** Begins every batch that is full or due, each on a thread of its own. */
    private void look() {
        try {
            for (List<Waiting> batch = take(); batch != null; batch = take()) {
                beginOnThread(batch);
            }
        } catch (Throwable t) {
            giveBackOthers(null);
            throw t;
        }
    }

    /** The next batch that is full or due; null if there is none. */
    private @Nullable List<Waiting> take() {
        lock.lock();
        try {
            if (!isFull() && !isDue()) {
                plan();
                return null;
            }
            // One that is due and is not taken has no place. Who leaves one looks again.
            return next();
        } finally {
            lock.unlock();
        }
    }

    private boolean isDue() {
        Waiting first = line.peek();
        return first != null && first.dueNanos() - clock.nanos() <= 0;
    }

    private void beginOnThread(List<Waiting> batch) {
        try {
            batch.get(0).run().consumer().execute(() -> ways.begin(binding, batch));
        } catch (Throwable t) {
            batch.forEach(this::giveBack);
        }
    }

    /** All that wait but this one, if nobody may look at them any more. */
    private void giveBackOthers(@Nullable Run failed) {
        for (Waiting waiting = poll(); waiting != null; waiting = poll()) {
            if (waiting.run() != failed) {
                giveBack(waiting);
            }
        }
    }

    private @Nullable Waiting poll() {
        lock.lock();
        try {
            Waiting first = suspects.isEmpty() ? line.poll() : suspects.poll();
            if (first != null) {
                inLine.left(first.run().queue());
            }
            return first;
        } finally {
            lock.unlock();
        }
    }

    private void giveBack(Waiting waiting) {
        try {
            ways.giveBack(waiting.run());
        } catch (Throwable t) {
            // The keeper of its lease finishes it.
            waiting.run().drop();
        }
    }

    private void leaveLine(Waiting waiting) {
        boolean hasWaited;
        lock.lock();
        try {
            hasWaited = line.remove(waiting) || suspects.remove(waiting);
            if (hasWaited) {
                inLine.left(waiting.run().queue());
            }
        } finally {
            lock.unlock();
        }
        if (hasWaited) {
            ways.notBegun(waiting.run());
        }
    }
}
