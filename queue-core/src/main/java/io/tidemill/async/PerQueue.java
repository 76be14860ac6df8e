package io.tidemill.async;

import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One object for each queue, made when it is first asked for. Programs may make up names of queues without end, so
 * beyond a thousand each new one lets a few others be looked at, one after the other: what was not asked for since it
 * was looked at last, and may be forgotten, is forgotten.
 *
 * <p>Somebody may still hold an object that was forgotten, so there may be two for one queue for a while.
 *
 * <p>Thread-safe.
 *
 * @param <V> what there is one of for each queue
 */
public final class PerQueue<V> {

    private static final int KEPT = 1_000;
    /** More than come, so that those that are idle become fewer. */
    private static final int LOOKED_AT = 4;

    private static final class Entry<V> {

        final V value;
        volatile boolean isUsed = true;

        Entry(V value) {
            this.value = value;
        }
    }

    private final Function<String, V> maker;
    private final Predicate<V> forget;
    private final Map<String, Entry<V>> entries = new ConcurrentHashMap<>();
    private final ReentrantLock looking = new ReentrantLock();
    /** Where the next look is taken. Guarded by the lock. */
    private Iterator<String> next = entries.keySet().iterator();

    /**
     * Nothing for any queue.
     *
     * @param maker makes the one for a queue
     * @param forget whether one may be forgotten. Nobody gets another for the same queue before it has answered
     */
    public PerQueue(Function<String, V> maker, Predicate<V> forget) {
        this.maker = maker;
        this.forget = forget;
    }

    /** The one for this queue, made if there is none. */
    public V of(String queue) {
        Entry<V> known = entries.get(queue);
        if (known == null) {
            known = entries.computeIfAbsent(queue, name -> new Entry<>(maker.apply(name)));
            lookAtSome();
        } else if (!known.isUsed) {
            known.isUsed = true;
        }
        return known.value;
    }

    /** The one for this queue; null if there is none. */
    public @Nullable V find(String queue) {
        Entry<V> known = entries.get(queue);
        return known == null ? null : known.value;
    }

    /** Forgets the one for this queue, if it is this one. */
    public void remove(String queue, V value) {
        entries.computeIfPresent(queue, (name, entry) -> entry.value == value ? null : entry);
    }

    /** Each with its queue. */
    public void forEach(BiConsumer<String, V> action) {
        entries.forEach((name, entry) -> action.accept(name, entry.value));
    }

    /** How many there are. */
    public int size() {
        return entries.size();
    }

    private void lookAtSome() {
        if (entries.size() <= KEPT || !looking.tryLock()) {
            return;
        }
        try {
            for (int i = 0; i < LOOKED_AT; i++) {
                if (!next.hasNext()) {
                    next = entries.keySet().iterator();
                }
                if (next.hasNext()) {
                    entries.computeIfPresent(next.next(), (name, entry) -> isForgotten(entry) ? null : entry);
                }
            }
        } finally {
            looking.unlock();
        }
    }

    private boolean isForgotten(Entry<V> entry) {
        if (entry.isUsed) {
            entry.isUsed = false;
            return false;
        }
        return forget.test(entry.value);
    }
}
