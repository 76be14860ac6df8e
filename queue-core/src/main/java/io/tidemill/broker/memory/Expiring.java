package io.tidemill.broker.memory;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A map that forgets. What has expired is never returned, and is let go of as new entries come.
 *
 * @param <K> a key
 * @param <V> a value
 */
final class Expiring<K extends Comparable<K>, V> {

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

    void remove(K key) {
        Entry<K, V> entry = entries.remove(key);
        if (entry != null) {
            byExpiry.remove(entry);
        }
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
