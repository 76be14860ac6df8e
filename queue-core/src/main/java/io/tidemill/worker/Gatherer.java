package io.tidemill.worker;

import io.tidemill.async.Safely;
import io.tidemill.lifecycle.ThreadlessClock;
import io.tidemill.task.BatchOptions;
import io.tidemill.task.WorkerOptions;
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
 * long enough, or no more runs can come because they hold all slots that they can have. Runs wait without a thread and
 * hold their slots. A job whose lease has ended before is not put together with others, which it might take along when
 * it ends its process.
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

        /** Gives a run back, for which there is no thread. */
        void noThread(Run run);
    }

    private final TaskBinding binding;
    private final int max;
    private final WorkerOptions options;
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
     * @param later runs something after so many nanoseconds, on a thread that must not run user code
     */
    Gatherer(TaskBinding binding, WorkerOptions options, Clock clock, ObjLongConsumer<Runnable> later, Ways ways) {
        BatchOptions size = Objects.requireNonNull(binding.definition().batch());
        this.binding = binding;
        this.options = options;
        this.max = Math.min(size.max(), options.concurrency());
        this.withinNanos = clock instanceof ThreadlessClock ? 0 : size.within().toNanos();
        this.clock = clock;
        this.later = later;
        this.ways = ways;
    }

    /** The run waits for its batch, which may begin on this thread. Returns false if it must not begin any more. */
    boolean add(Run run, @Nullable Object[] arguments, @Nullable Duration limit) {
        Waiting added = new Waiting(run, arguments, limit, clock.nanos() + withinNanos);
        boolean isSuspect = run.claim().lostLeases() > 0;
        Deque<Waiting> mine = isSuspect ? suspects : line;
        List<Waiting> batch;
        lock.lock();
        try {
            // Within the lock: whoever wants it to leave the line then finds it there.
            if (!run.awaitBatch(() -> leaveLine(added))) {
                return false;
            }
            mine.add(added);
            batch = isSuspect || line.size() >= most() ? next() : null;
            plan();
        } catch (Throwable t) {
            mine.remove(added);
            throw t;
        } finally {
            lock.unlock();
        }
        if (batch != null) {
            ways.begin(binding, batch);
        }
        return true;
    }

    /** How many runs may be in the next batch: all that its queue has slots for. Called under the lock. */
    private int most() {
        Waiting first = line.peek();
        Integer ofQueue = first == null
                ? null
                : options.queueConcurrency().get(first.run().queue());
        return ofQueue == null ? max : Math.min(max, ofQueue);
    }

    /** Takes the next batch out of the line; null if there is none, or no place for it. Called under the lock. */
    private @Nullable List<Waiting> next() {
        Deque<Waiting> from = suspects.isEmpty() ? line : suspects;
        int count = from == suspects ? 1 : Math.min(max, line.size());
        List<Waiting> batch = new ArrayList<>(count);
        Semaphore places = binding.places();
        Runnable leave = places == null ? null : leaving(places, count);
        if (count == 0 || (places != null && !places.tryAcquire())) {
            return null;
        }
        for (int i = 0; i < count; i++) {
            Waiting taken = from.remove();
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
        List<List<Waiting>> batches = new ArrayList<>();
        lock.lock();
        try {
            List<Waiting> batch = isReady() ? next() : null;
            while (batch != null) {
                batches.add(batch);
                batch = isReady() ? next() : null;
            }
            // One that is due and was not taken has no place. Who leaves one looks again.
            if (!isReady()) {
                plan();
            }
        } finally {
            lock.unlock();
        }
        batches.forEach(this::beginOnThread);
    }

    private boolean isReady() {
        Waiting first = line.peek();
        return !suspects.isEmpty()
                || (first != null && (line.size() >= most() || first.dueNanos() - clock.nanos() <= 0));
    }

    private void beginOnThread(List<Waiting> batch) {
        try {
            batch.get(0).run().consumer().execute(() -> ways.begin(binding, batch));
        } catch (Throwable t) {
            batch.forEach(waiting -> Safely.run("giving a job back", () -> ways.noThread(waiting.run())));
        }
    }

    private void leaveLine(Waiting waiting) {
        boolean hasWaited;
        lock.lock();
        try {
            hasWaited = line.remove(waiting) || suspects.remove(waiting);
        } finally {
            lock.unlock();
        }
        if (hasWaited) {
            ways.notBegun(waiting.run());
        }
    }
}
