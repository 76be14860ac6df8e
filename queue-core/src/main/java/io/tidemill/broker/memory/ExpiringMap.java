package io.tidemill.broker.memory;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A map that forgets. What has expired is never returned, and is let go of as new entries come.
 *
 * @param <K> a key
 * @param <V> a value
 */
final class ExpiringMap<K extends Comparable<K>, V> {

    private record Entry<K extends Comparable<K>, V>(K key, V value, long expiresAt) {}

    private final Map<K, Entry<K, V>> entries = new HashMap<>();
    private final TreeSet<Entry<K, V>> byExpiry = new TreeSet<>(
            Comparator.comparingLong((Entry<K, V> entry) -> entry.expiresAt).thenComparing(Entry::key));

    void put(K key, V value, long now, long ttlMillis) {
        forgetExpired(now);
        Entry<K, V> entry = new Entry<>(key, value, now + ttlMillis);
        Entry<K, V> before = entries.put(key, entry);
        if (before != null) {
            byExpiry.remove(before);
        }
        byExpiry.add(entry);
    }

    @Nullable
    V find(K key, long now) {
        Entry<K, V> entry = entries.get(key);
        return entry == null || entry.expiresAt <= now ? null : entry.value;
    }

    /** Everything that has not expired, in the order of the keys. */
    List<V> values(long now) {
        forgetExpired(now);
        return entries.values().stream()
                .sorted(Comparator.comparing(Entry::key))
                .map(Entry::value)
                .toList();
    }

    /** Lets an entry stay so much longer. */
    void prolong(K key, long millis) {
        Entry<K, V> before = entries.get(key);
        if (before != null) {
            Entry<K, V> longer = new Entry<>(key, before.value, before.expiresAt + millis);
            byExpiry.remove(before);
            byExpiry.add(longer);
            entries.put(key, longer);
        }
    }

    void remove(K key) {
        Entry<K, V> entry = entries.remove(key);
        if (entry != null) {
            byExpiry.remove(entry);
        }
    }

    boolean isEmpty(long now) {
        forgetExpired(now);
        return entries.isEmpty();
    }

    void clear() {
        entries.clear();
        byExpiry.clear();
    }

    int size() {
        return entries.size();
    }

    private void forgetExpired(long now) {
        while (!byExpiry.isEmpty() && byExpiry.first().expiresAt <= now) {
            entries.remove(byExpiry.pollFirst().key());
        }
    }
}
