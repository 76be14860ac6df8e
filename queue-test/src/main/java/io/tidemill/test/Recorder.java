package io.tidemill.test;

import io.tidemill.event.QueueEvent;
import io.tidemill.event.QueueListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * Remembers what happened on a queue, and waits for what is to happen: the way to test without sleeping.
 *
 * <pre>{@code
 * Recorder events = new Recorder();
 * TaskQueue queue = TaskQueue.builder().tasks(...).listener(events).start();
 * ...
 * events.await(QueueEvent.Died.class, 1);
 * }</pre>
 *
 * <p>Thread-safe.
 */
public final class Recorder implements QueueListener {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<QueueEvent> events = new ArrayList<>();

    @Override
    public void on(QueueEvent event) {
        lock.lock();
        try {
            events.add(event);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** All events so far, in the order in which they came. */
    public List<QueueEvent> events() {
        lock.lock();
        try {
            return List.copyOf(events);
        } finally {
            lock.unlock();
        }
    }

    /** All events of this type so far. */
    public <E extends QueueEvent> List<E> events(Class<E> type) {
        return events().stream().filter(type::isInstance).map(type::cast).toList();
    }

    /**
     * Waits until there are so many events of this type, at most 60 s.
     *
     * @return the events of this type, at least {@code count}
     * @throws AssertionError if they do not come; says what came instead
     */
    public <E extends QueueEvent> List<E> await(Class<E> type, int count) throws InterruptedException {
        awaitThat(
                type.getSimpleName() + " x " + count,
                all -> all.stream().filter(type::isInstance).count() >= count);
        return events(type);
    }

    private void awaitThat(String what, Predicate<List<QueueEvent>> condition) throws InterruptedException {
        long rest = PATIENCE.toNanos();
        lock.lock();
        try {
            while (!condition.test(events)) {
                if (rest <= 0) {
                    throw new AssertionError("waited " + PATIENCE + " for " + what + ", but there was only " + events);
                }
                rest = changed.awaitNanos(rest);
            }
        } finally {
            lock.unlock();
        }
    }
}
