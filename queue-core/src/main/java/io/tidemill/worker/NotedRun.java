package io.tidemill.worker;

import io.tidemill.broker.Claim;
import io.tidemill.record.RunSteps;
import io.tidemill.task.TaskContext;
import io.tidemill.task.TaskSignal;
import io.tidemill.task.TypeRef;
import io.tidemill.text.Durations;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The part of a {@link Run} by which its task records what it has done, and says how far it has got: steps,
 * checkpoints, sleeps, progress and log. A task that does none of this makes nothing of it.
 *
 * <p>Thread-safe.
 */
abstract class NotedRun implements TaskContext {

    /** In a fencing number, the number of the run stands behind the time of its claim. */
    private static final int RUNS_PER_MILLI = 1_024;

    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable Noting noting;
    /** Made when they are first asked for. Guarded by the lock. */
    private @Nullable RunSteps steps;
    /** Made when something is first said. Set under the lock. */
    private volatile @Nullable RunProgress progress;

    /** What its job was claimed with. */
    abstract Claim claim();

    /** Who records what it has done. Set before it begins. */
    void notedBy(Noting value) {
        noting = value;
    }

    @Override
    public long fencingNumber() {
        return claim().claimedAtMillis() * RUNS_PER_MILLI + Math.min(claim().attempt(), RUNS_PER_MILLI - 1);
    }

    private Noting noting() {
        return Objects.requireNonNull(noting, "set before the run begins");
    }

    private RunSteps steps() {
        lock.lock();
        try {
            RunSteps known = steps;
            if (known == null) {
                known = noting().stepsOf(this);
                steps = known;
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public <R extends @Nullable Object, X extends Exception> R step(String name, Class<R> type, StepBody<R, X> body)
            throws X {
        return steps().step(name, Objects.requireNonNull(type, "type"), body);
    }

    @Override
    public <R extends @Nullable Object, X extends Exception> R step(String name, TypeRef<R> type, StepBody<R, X> body)
            throws X {
        return steps().step(name, type.type(), body);
    }

    @Override
    public <X extends Exception> void step(String name, StepAction<X> body) throws X {
        steps().step(name, body);
    }

    /** The name of the durable step whose code runs now; null if there is none. */
    @Nullable
    String stepThatRuns() {
        lock.lock();
        try {
            return steps == null ? null : steps.running();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void checkpoint(Object cursor) {
        steps().checkpoint(Objects.requireNonNull(cursor, "cursor"));
    }

    @Override
    public <C> Optional<C> lastCheckpoint(Class<C> type) {
        return steps().lastCheckpoint(type);
    }

    @Override
    public void sleep(String name, Duration duration) {
        long now = noting().clock().millis();
        long millis = Durations.check("sleep", duration).toMillis();
        // Another process may have recorded it by a clock that was ahead.
        long rest = Math.min(steps().sleep(name, now + millis) - now, millis);
        if (rest > 0) {
            throw new TaskSignal.Snooze(Duration.ofMillis(rest));
        }
    }

    /** What the next sentence of the task is added to. The broker is asked without the lock. */
    abstract RunProgress newProgress(Noting value);

    private RunProgress progress() {
        RunProgress known = progress;
        if (known != null) {
            return known;
        }
        RunProgress made = newProgress(noting());
        lock.lock();
        try {
            RunProgress first = progress;
            progress = first == null ? made : first;
            return first == null ? made : first;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void progress(int percent, String message) {
        long now = noting().clock().millis();
        progress().change(known -> known.at(now, percent, message));
    }

    @Override
    public void log(String line) {
        long now = noting().clock().millis();
        progress().change(known -> known.with(now, line));
    }

    /** The task has returned. What it has said last is kept before its outcome is recorded, for so long. */
    void endProgress(Supplier<Duration> kept) {
        RunProgress known = progress;
        if (known != null) {
            known.end(kept.get());
        }
    }
}
